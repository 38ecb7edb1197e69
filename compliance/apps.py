"""The compliance app: loads Celery and keeps role groups and triggers in step with the code."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class ComplianceConfig(AppConfig):
    """What was promised, who answers, what can be proved."""

    name = "compliance"
    verbose_name = _("Policies and oversight")

    def ready(self) -> None:
        """Load Celery and register what has to be repeated after every migration."""
        from compliance import (
            checks,
            checks_roles,
            checks_triggers,
            ledger_duties,
            paper_duties,
            policy_duties,
            promise_checks,
            promise_duties,
            restore_duties,
            upkeep,
        )
        from compliance.celery import app

        self.celery, self.checks = app, (checks, checks_roles, checks_triggers)
        pre_migrate.connect(upkeep.before_migrate, dispatch_uid="compliance.upkeep")
        post_migrate.connect(upkeep.after_migrate, dispatch_uid="compliance.upkeep")
        promise_checks.register()
        promise_duties.register()
        policy_duties.register()
        paper_duties.register()
        ledger_duties.register()
        restore_duties.register()


class OfficeAdminConfig(AdminConfig):
    """The stock admin with the site of the house in place of its own."""

    default_site = "compliance.admin.site.OfficeSite"

    def ready(self) -> None:
        """Find the pages of all apps; those of this app need the site to be there first."""
        super().ready()
        import_module("compliance.admin.pages")
