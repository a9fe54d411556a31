"""A unit for systemd that gives a node what it needs and takes the rest away. Text only.

`RestartPreventExitStatus` lists the ends after which another try would do the same: a home that is
in use (75), that is not one (64, 13), keys that are not right (77). Called by `comity node unit`.
"""

import re
from pathlib import Path

from comity.model.fault import Malformed

__all__ = ["unit_text"]

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+", re.ASCII)
_STATE = Path("/var/lib")

_UNIT = """\
# Written by `comity node unit`. Put it into /etc/systemd/system/{name}.service
[Unit]
Description=Comity node {name}
After=network-online.target time-sync.target
Wants=network-online.target
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=main
ExecStart={program} serve --home {home}{exercise}
User={user}
Group={user}
WorkingDirectory={home}
{state}ReadWritePaths={home}
UMask=0077
Restart=on-failure
RestartSec=2
RestartPreventExitStatus=13 64 75 77
SuccessExitStatus=0
KillSignal=SIGTERM
KillMode=mixed
TimeoutStartSec=120
TimeoutStopSec=15
WatchdogSec=30
MemoryHigh=768M
MemoryMax=1G
TasksMax=128
LimitNOFILE=4096
LimitCORE=0

DynamicUser=no
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


def unit_text(home: Path, program: Path, *, user: str, exercise: str | None = None) -> str:
    """The unit; Malformed (`bad_path`) for what systemd would read otherwise than it stands."""
    for text in (str(home), str(program), exercise or "x"):
        if not _PLAIN.fullmatch(text):
            raise Malformed(
                f"{text[:80]!r}: letters, digits, / . _ and - only in a unit", code="bad_path"
            )
    if not _USER.fullmatch(user):
        raise Malformed(f"{user[:40]!r} is no user's name", code="bad_name")
    state = ""
    if home.is_relative_to(_STATE) and home != _STATE:
        state = f"StateDirectory={home.relative_to(_STATE)}\nStateDirectoryMode=0700\n"
    return _UNIT.format(
        name=f"comity-{home.name}" if home.name != "comity" else "comity",
        program=program,
        home=home,
        exercise="" if exercise is None else f" --exercise {exercise}",
        user=user,
        state=state,
    )
