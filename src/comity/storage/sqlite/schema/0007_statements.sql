-- What a peer said about its keys is handed back to it after a restore: found among all that it ever gave.
CREATE INDEX received_about_keys ON received (peer, receipt_idx)
    WHERE substr(body, 1, 14) = CAST('comity/key@v1' || char(10) AS BLOB)
    OR substr(body, 1, 17) = CAST('comity/revoke@v1' || char(10) AS BLOB);
