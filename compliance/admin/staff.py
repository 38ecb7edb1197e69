"""Officers and access: who has an account, who is appointed to which service, in which role."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from compliance.actions import account as account_actions
from compliance.admin.base import WHOLE_HOUSE, OfficeModelAdmin
from compliance.admin.labels import status
from compliance.models import Account, OfficerAppointment
from compliance.rules.calendar import local_day


@admin.register(OfficerAppointment)
class OfficerAppointmentAdmin(OfficeModelAdmin):
    """Appointments to services. They are ended, never changed, so that it stays known who could do what."""

    menu_section, menu_label, menu_order = "oversight", _("Officers and access"), 30
    view_permission, service_path = "officers.view", "service"
    add_permission = "officers.appoint"
    list_display = ("account", "service", "role", "state", "appointed_on", "ended_on")
    list_select_related = ("account", "service")
    list_filter = ("service", "role", ("ended_on", admin.EmptyFieldListFilter))
    quick_views = ((_("All"), ""), (_("Running"), "ended_on__isempty=1"))
    fields = (
        "account",
        "service",
        "role",
        "appointed_on",
        "published",
        "public_title",
        "public_phone",
    )
    ordering = ("-appointed_on", "-pk")

    actions = ("relieve",)

    def has_appoint_permission(self, request: HttpRequest) -> bool:
        """Whoever may appoint may also relieve."""
        return self.allows(request, self.add_permission)

    @admin.action(description=_("End these appointments"), permissions=["appoint"])
    def relieve(self, request: HttpRequest, queryset: Any) -> None:
        """End the ticked appointments today; own ones and those of other services are left alone."""
        now = timezone.now()
        ended = 0
        for appointment in queryset:
            is_own = appointment.account_id == request.user.pk
            if is_own or not self.allows(request, self.add_permission, appointment):
                continue
            today = local_day(now, appointment.service.timezone)
            ended += account_actions.relieve(
                appointment,
                ended_on=today,
                actor=request.user,  # type: ignore[arg-type]
                now=now,
            )
        message = ngettext("%(count)d appointment ended.", "%(count)d appointments ended.", ended)
        self.message_user(request, message % {"count": ended})

    @admin.display(description=_("state"))
    def state(self, appointment: OfficerAppointment) -> SafeString:
        """Whether it runs."""
        return self.object_status(appointment)

    def object_status(self, obj: OfficerAppointment) -> SafeString:
        """Whether it runs."""
        if obj.ended_on is None:
            return status("good", _("Running"))
        return status("quiet", _("Ended"))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Any member of staff may be appointed, not only those already seen."""
        if db_field.name == "account":
            kwargs["queryset"] = Account.objects.filter(
                is_staff=True, is_active=True, email__isnull=False
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: OfficerAppointment, form: Any, change: bool
    ) -> None:
        """Appoint."""
        made = account_actions.appoint(
            obj.account,
            obj.service,
            obj.role,
            appointed_on=obj.appointed_on,
            published=obj.published,
            public_title=obj.public_title,
            public_phone=obj.public_phone,
            actor=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        obj.pk = made.pk


@admin.register(Account)
class AccountAdmin(OfficeModelAdmin):
    """Staff accounts. Members have accounts too, but no page: their table names nobody."""

    menu_section, menu_label, menu_order = "system", _("Staff accounts"), 40
    view_permission, service_path = "accounts.manage", WHOLE_HOUSE
    list_display = ("full_name", "email", "second_step", "is_active", "last_login")
    fields = (
        "full_name",
        "email",
        "is_active",
        "language",
        "time_zone",
        "last_login",
        "second_step",
    )
    readonly_fields = ("second_step",)
    list_filter = ("is_active",)
    ordering = ("pk",)
    actions = ("close",)

    def has_close_permission(self, request: HttpRequest) -> bool:
        """Whoever manages accounts may close them."""
        return self.allows(request, self.view_permission)

    @admin.action(description=_("Close these accounts"), permissions=["close"])
    def close(self, request: HttpRequest, queryset: Any) -> None:
        """Close the ticked accounts and end their sessions; the own one is left alone."""
        others = [account for account in queryset if account.pk != request.user.pk]
        closed = sum(
            account_actions.close_staff(account, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
            for account in others
        )
        message = ngettext("%(count)d account closed.", "%(count)d accounts closed.", closed)
        self.message_user(request, message % {"count": closed})

    def get_queryset(self, request: HttpRequest) -> Any:
        """Staff only."""
        return super().get_queryset(request).filter(is_staff=True, email__isnull=False)

    @admin.display(description=_("second step"))
    def second_step(self, account: Account) -> SafeString:
        """Whether the second factor is set up."""
        if account.totp_confirmed_at is None:
            return status("wait", _("Not set up"))
        return status("good", _("Set up"))
