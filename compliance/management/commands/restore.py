"""``manage.py restore status|replay|sign_off``: was a database put back from a backup, and what follows."""

import json
import sys
from dataclasses import asdict
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.models import Account, RestoreReport
from compliance.restore import by_hand, replays, reports, sign_off
from compliance.restore.words import refusal


class Command(BaseCommand):
    """Ends with 1 while the application is closed, or when a step is refused."""

    help = "After a backup was put back: say what is old, repeat what it does not know, open again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do and how to print it."""
        steps = parser.add_subparsers(dest="action", required=True)
        status = steps.add_parser("status", help="compare ledger, tail and marks; changes nothing")
        status.add_argument("--json", action="store_true")
        replay = steps.add_parser("replay", help="repeat what the restored database does not know")
        replay.add_argument("--dry-run", action="store_true", help="count only, change nothing")
        replay.add_argument("--json", action="store_true")
        sign = steps.add_parser("sign_off", help="look at what was repeated, and open")
        sign.add_argument("--as", dest="email", default="", help="your office e-mail")
        sign.add_argument("--report", default="", help="number of the report that you sign")
        sign.add_argument("--alone", default="", help="why one officer signs, if there is one only")
        sign.add_argument("--tail-lost", choices=sign_off.TAIL_LOST, default="")
        sign.add_argument(
            "--password-stdin", action="store_true", help="password and code, one line each"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one step."""
        try:
            getattr(self, f"_{options['action']}")(options)
        except (DatabaseError, OSError) as error:
            raise CommandError(
                _("A database or the tail does not answer (%(kind)s). The application is closed.")
                % {"kind": type(error).__name__}
            ) from error

    def _status(self, options: dict[str, Any]) -> None:
        found, report = reports.found(), reports.unsigned()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in found]))
        elif not found:
            self.stdout.write(_("No database was put back: ledger, tail and marks agree."))
        else:
            self._say(found)
        if report and report.state == RestoreReport.State.REPLAYED:
            raise CommandError(
                _("Closed. Repeated from the tail; now: manage.py restore sign_off --as E-MAIL")
            )
        if found:
            raise CommandError(
                _("Closed. Next: manage.py restore replay --dry-run; see docs/restore.md.")
            )

    def _replay(self, options: dict[str, Any]) -> None:
        found = reports.found()
        if not found:
            raise CommandError(_("No database was put back: there is nothing to repeat."))
        try:
            result = reports.replay(now=timezone.now(), dry_run=options["dry_run"])
        except replays.NoReplay as error:
            raise CommandError(_("This installation has no replay. Keep it closed.")) from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(result)))
            return
        self._say(found)
        self._figures(result.counts, result.left)
        if not options["dry_run"]:
            self.stdout.write(_("Next: manage.py restore sign_off --as E-MAIL"))

    def _sign_off(self, options: dict[str, Any]) -> None:
        try:
            report = self._shown(options)
            account = self._officer(options)
            report = sign_off.ready(tail_lost=options["tail_lost"])
            if not (options["report"] or options["alone"]):
                self._ask(report, account)
                return
            sign_off.sign(
                report,
                account,
                shown=options["report"] or report.digest,
                now=timezone.now(),
                tail_lost=options["tail_lost"],
                alone=options["alone"],
            )
        except sign_off.SignOffRefused as error:
            raise CommandError(self._why(error.reason)) from None
        self.stdout.write(_("Signed off. Every process opens within ten seconds."))

    def _shown(self, options: dict[str, Any]) -> RestoreReport:
        """Show the report that may be signed now, and who may sign if nobody is named."""
        report = sign_off.ready(tail_lost=options["tail_lost"])
        self._figures(report.counts, report.left)
        self.stdout.write(_("Number of the report: %(digest)s") % {"digest": report.digest})
        if not options["email"]:
            raise CommandError(
                _("Say who you are: --as E-MAIL. These may sign: %(names)s.") % {"names": _names()}
            )
        return report

    def _ask(self, report: RestoreReport, account: Account) -> None:
        sign_off.ask(report, account, now=timezone.now())
        if len(sign_off.officers()) > 1:
            said = _("Asked. Now one of %(names)s signs this report:")
            self.stdout.write(said % {"names": _names(account.pk)})
            self.stdout.write(f"  manage.py restore sign_off --as E-MAIL --report {report.digest}")
            return
        self.stdout.write(
            _(
                "Asked. Nobody else in this house may sign. Appoint a second officer, or sign alone and say why: "
                "--alone only-officer-of-the-house"
            )
        )

    def _why(self, reason: str) -> str:
        report = reports.unsigned()
        asker = report.asked_by_id if report else None
        return refusal(reason, names=_names(asker), digest=report.digest if report else "-")

    def _officer(self, options: dict[str, Any]) -> Any:
        ask = _line if options["password_stdin"] else getpass
        password = ask(_("Password: "))
        account = sign_off.officer(options["email"], password, now=timezone.now())
        if sign_off.needs_code(account):
            sign_off.check_code(account, ask(_("Code of your second step: ")), now=timezone.now())
        return account

    def _say(self, found: list[Any]) -> None:
        words = _("%(name)s: %(why)s, knows ledger number %(knows)d, expected %(expected)d.")
        for one in found:
            self.stdout.write(words % asdict(one))

    def _figures(self, counts: dict[str, int] | Any, left: dict[str, int] | Any) -> None:
        for code, count in counts.items():
            self.stdout.write(_("%(count)d × %(code)s") % {"count": count, "code": code})
        for code, count in left.items():
            self.stdout.write(
                _("%(count)d × %(code)s left for a person: %(what)s")
                % {"count": count, "code": code, "what": by_hand.words(code)}
            )


def _names(but: int | None = None) -> str:
    """Return the names of those who may sign, but for the one who asked."""
    return ", ".join(one.full_name for one in sign_off.officers() if one.pk != but) or "-"


def _line(prompt: str) -> str:
    return sys.stdin.readline().rstrip("\r\n")
