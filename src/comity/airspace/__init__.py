"""Do two volumes meet? Pure geometry: no files, no clock, no chance.

`find.find` is the one entry for desks; `footprint.check` guards intake; `reach` says whether a
notice came early enough. `brute` is a slow second opinion that shares no code with the others.
Definitions, error budget and what is rounded outward: `docs/explanation/geometry.md`.
"""
