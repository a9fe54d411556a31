"""`comity agreement`: the verbs about agreements, each in a file of its own. Called by main."""

import typer

from comity.cli.agreement_amend import amend
from comity.cli.agreement_diff import diff
from comity.cli.agreement_draft import draft
from comity.cli.agreement_explain import explain
from comity.cli.agreement_lint import lint_file
from comity.cli.agreement_list import list_agreements
from comity.cli.agreement_show import show
from comity.cli.agreement_sign import sign
from comity.cli.agreement_standing import resume, suspend
from comity.cli.agreement_templates import list_templates
from comity.cli.options import examples

__all__ = ["app"]

app = typer.Typer(help="Draft, read, sign, amend and suspend agreements.")

app.command(
    "templates",
    epilog=examples("comity agreement templates", "comity agreement templates flight-safety"),
)(list_templates)
app.command(
    epilog=examples(
        "comity agreement draft flight-safety --party alpha.example/comity/2026 \\",
        "    --party bravo.example/comity/2026 --mediator un.example/comity/2026 \\",
        "    --bound host.example/comity/2026=bravo.example/comity/2026 \\",
        "    --from +1d --until +365d \\",
        "    --set notice.lead_cleartext_min_us=30m --set disclosure.disclosure_step=area \\",
        "    --out flight-safety.txt",
        "comity agreement draft border-1991 --party alpha.example/comity/2026 \\",
        "    --party bravo.example/comity/2026 --set advance.lead_cleartext_min_us=12h \\",
        "    --set border.line='45.0,-30.0 45.5,-30.0 46.0,-29.75'",
    )
)(draft)
app.command(
    "lint",
    epilog=examples(
        "comity agreement lint flight-safety.txt",
        "comity agreement lint flight-safety.txt --at 2030-01-01T00:00:00Z --json",
    ),
)(lint_file)
app.command(epilog=examples("comity agreement sign flight-safety.txt --home alpha"))(sign)
app.command("list", epilog=examples("comity agreement list"))(list_agreements)
app.command(
    epilog=examples(
        "comity agreement show flight-safety",
        "comity agreement show flight-safety@1 --text --out version-1.txt",
    )
)(show)
app.command(
    epilog=examples(
        "comity agreement diff flight-safety@1 flight-safety@2",
        "comity agreement diff flight-safety draft.txt --json",
    )
)(diff)
app.command(
    epilog=examples(
        "comity agreement explain flight-safety.txt",
        "comity agreement explain --with bravo --by theirs --kind operation --craft combat",
    )
)(explain)
app.command(
    epilog=examples(
        "comity agreement amend flight-safety --set notice.lead_cleartext_min_us=1h \\",
        "    --out flight-safety-2.txt",
    )
)(amend)
app.command(
    epilog=examples("comity agreement suspend flight-safety --reason 'the line was misused'")
)(suspend)
app.command(epilog=examples("comity agreement resume flight-safety --reason 'it was looked into'"))(
    resume
)
