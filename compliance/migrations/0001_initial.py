import compliance.models.account
import compliance.models.ledger_entry
import compliance.models.policy_checks
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerCheckpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.BigIntegerField(verbose_name="number")),
                ("head_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("signature", models.CharField(max_length=128, verbose_name="signature")),
                ("key_fingerprint", models.CharField(max_length=64, verbose_name="key")),
                ("folders", models.PositiveSmallIntegerField(verbose_name="folders")),
                ("mails", models.PositiveSmallIntegerField(verbose_name="mails")),
            ],
            options={
                "verbose_name": "signed checkpoint",
                "verbose_name_plural": "signed checkpoints",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("policy_revision_general", "Policy change"),
                            ("policy_revision_important", "Important policy change"),
                        ],
                        max_length=40,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("published", "Published"), ("withdrawn", "Taken down")],
                        default="published",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("effective_on", models.DateField(verbose_name="takes effect on")),
                ("published_at", models.DateTimeField(verbose_name="published at")),
                (
                    "shown_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="shown until"),
                ),
                ("places", models.JSONField(default=list, verbose_name="shown at")),
                (
                    "beyond_promise",
                    models.BooleanField(
                        default=False, verbose_name="individual mail goes beyond the promise"
                    ),
                ),
                ("audience_size", models.PositiveIntegerField(default=0, verbose_name="people")),
                ("plan_cursor", models.BigIntegerField(default=0)),
                (
                    "planned_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="deliveries written at"
                    ),
                ),
                (
                    "completed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="everybody told at"),
                ),
                (
                    "reminder_on",
                    models.DateField(blank=True, null=True, verbose_name="reminder on"),
                ),
                (
                    "reminded_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="reminders written at"
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="questions written at"
                    ),
                ),
                (
                    "asked_again_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="questions repeated at"
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
            },
        ),
        migrations.CreateModel(
            name="PolicyFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="code",
                    ),
                ),
                ("text", models.TextField(verbose_name="text")),
                (
                    "interpretations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="readings",
                    ),
                ),
                (
                    "blocks_live",
                    models.BooleanField(default=False, verbose_name="blocks going live"),
                ),
            ],
            options={
                "verbose_name": "finding",
                "verbose_name_plural": "findings",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="code",
                    ),
                ),
                ("label", models.CharField(max_length=500, verbose_name="name")),
                (
                    "label_local",
                    models.CharField(
                        blank=True,
                        max_length=500,
                        verbose_name="name in the language of the policy",
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="category",
                    ),
                ),
                ("auto", models.BooleanField(default=False, verbose_name="arises by itself")),
                ("sensitive", models.BooleanField(default=False, verbose_name="sensitive")),
                ("encrypt", models.BooleanField(default=False, verbose_name="masked")),
                (
                    "unused_reason",
                    models.TextField(blank=True, verbose_name="why no use mentions it"),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "item",
                "verbose_name_plural": "items",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("owner", models.CharField(blank=True, db_index=True, max_length=40)),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        default=compliance.models.account.random_username,
                        editable=False,
                        max_length=32,
                        unique=True,
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True,
                        max_length=254,
                        null=True,
                        unique=True,
                        verbose_name="office e-mail",
                    ),
                ),
                ("full_name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("is_staff", models.BooleanField(default=False, verbose_name="staff")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("language", models.CharField(default="en", max_length=8, verbose_name="language")),
                (
                    "time_zone",
                    models.CharField(default="UTC", max_length=64, verbose_name="time zone"),
                ),
                ("totp_sealed", models.BinaryField(null=True)),
                ("totp_confirmed_at", models.DateTimeField(editable=False, null=True)),
                ("totp_last_step", models.BigIntegerField(default=0, editable=False)),
                ("recovery_codes", models.JSONField(default=list, editable=False)),
                ("password_changed_at", models.DateTimeField(editable=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
            },
        ),
        migrations.CreateModel(
            name="Effect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=60, verbose_name="kind")),
                ("object_ref", models.CharField(max_length=120, verbose_name="object")),
                (
                    "state",
                    models.CharField(
                        choices=[("intended", "Begun"), ("completed", "Completed")],
                        default="intended",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("payload", models.JSONField(default=dict, verbose_name="ids")),
                (
                    "service_slug",
                    models.CharField(blank=True, max_length=60, verbose_name="service"),
                ),
                (
                    "subject_key",
                    models.CharField(blank=True, max_length=64, verbose_name="subject key"),
                ),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                ("seq", models.BigIntegerField(default=0, verbose_name="ledger number")),
                ("destroys", models.BooleanField(default=True, verbose_name="destroys")),
                ("told", models.BooleanField(default=False, verbose_name="told again")),
                ("marked", models.BooleanField(default=False, verbose_name="marked")),
                ("intended_at", models.DateTimeField(verbose_name="begun at")),
                ("completed_at", models.DateTimeField(null=True, verbose_name="completed at")),
            ],
            options={
                "verbose_name": "effect",
                "verbose_name_plural": "effects",
                "indexes": [
                    models.Index(fields=["kind", "state", "id"], name="effect_by_kind_and_state"),
                    models.Index(fields=["seq", "marked"], name="effect_by_number"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "intended")),
                        fields=("kind", "object_ref"),
                        name="effect_unfinished_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("completed_at__isnull", True), ("state", "intended")),
                            models.Q(("completed_at__isnull", False), ("state", "completed")),
                            _connector="OR",
                        ),
                        name="effect_completed_has_moment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "seq",
                    models.BigIntegerField(
                        primary_key=True, serialize=False, verbose_name="number"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                ("code", models.CharField(max_length=80, verbose_name="what")),
                ("actor", models.CharField(max_length=80, verbose_name="who")),
                (
                    "service_slug",
                    models.CharField(blank=True, max_length=60, verbose_name="service"),
                ),
                (
                    "subject_key",
                    models.CharField(blank=True, max_length=64, verbose_name="subject key"),
                ),
                ("object_ref", models.CharField(blank=True, max_length=120, verbose_name="object")),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "data",
                    compliance.models.ledger_entry.CanonicalJSONField(
                        default=dict, verbose_name="data"
                    ),
                ),
                ("prev_hash", models.CharField(max_length=64, verbose_name="hash before")),
                ("hash", models.CharField(max_length=64, verbose_name="hash")),
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger",
                "ordering": ["-seq"],
                "indexes": [
                    models.Index(fields=["subject_key", "seq"], name="ledger_by_subject"),
                    models.Index(fields=["object_ref", "seq"], name="ledger_by_object"),
                    models.Index(fields=["code", "seq"], name="ledger_by_code"),
                    models.Index(fields=["service_slug", "seq"], name="ledger_by_service"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerBatchItem",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "subject_key",
                    models.CharField(blank=True, max_length=64, verbose_name="subject key"),
                ),
                ("object_ref", models.CharField(blank=True, max_length=120, verbose_name="object")),
                (
                    "data",
                    compliance.models.ledger_entry.CanonicalJSONField(
                        default=dict, verbose_name="data"
                    ),
                ),
                ("leaf", models.CharField(max_length=64, verbose_name="hash")),
                (
                    "entry",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="compliance.ledgerentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "ledger batch item",
                "verbose_name_plural": "ledger batch items",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="LoginThrottle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=24)),
                ("key", models.CharField(max_length=64)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("blocks", models.PositiveIntegerField(default=0)),
                ("window_started_at", models.DateTimeField()),
                ("blocked_until", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "key"), name="one_throttle_per_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[("cancelled", "Will not happen"), ("moved", "Happens later")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("old_on", models.DateField(verbose_name="announced day")),
                ("new_on", models.DateField(null=True, verbose_name="new day")),
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
                ("planned_at", models.DateTimeField(null=True, verbose_name="messages written at")),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="compliance.notice",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction of a notice",
                "verbose_name_plural": "corrections of notices",
            },
        ),
        migrations.CreateModel(
            name="FindingSettlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="how it was settled")),
                (
                    "is_sample",
                    models.BooleanField(default=False, verbose_name="sample for the demo"),
                ),
                ("settled_at", models.DateTimeField(verbose_name="settled at")),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "finding",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="settlement",
                        to="compliance.policyfinding",
                        verbose_name="finding",
                    ),
                ),
            ],
            options={
                "verbose_name": "settled finding",
                "verbose_name_plural": "settled findings",
            },
        ),
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("approved", "Approved"),
                            ("announced", "Announced"),
                            ("in_effect", "In effect"),
                            ("superseded", "Superseded"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("title", models.CharField(max_length=500, verbose_name="title")),
                ("name", models.CharField(max_length=500, verbose_name="name of the service")),
                ("operator", models.CharField(blank=True, max_length=500, verbose_name="operator")),
                (
                    "operator_stated",
                    models.BooleanField(default=False, verbose_name="operator is stated"),
                ),
                (
                    "operator_country",
                    models.CharField(
                        blank=True, max_length=2, verbose_name="country of the operator"
                    ),
                ),
                (
                    "market_country",
                    models.CharField(
                        blank=True, max_length=2, verbose_name="country of the market"
                    ),
                ),
                (
                    "country_stated",
                    models.BooleanField(default=False, verbose_name="countries are stated"),
                ),
                ("timezone", models.CharField(max_length=64, verbose_name="time zone")),
                (
                    "timezone_stated",
                    models.BooleanField(default=False, verbose_name="time zone is stated"),
                ),
                (
                    "policy_languages",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="languages of the policy",
                    ),
                ),
                (
                    "notice_languages",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="languages of messages",
                    ),
                ),
                (
                    "established_on",
                    models.DateField(blank=True, null=True, verbose_name="established on"),
                ),
                (
                    "effective_from",
                    models.DateField(blank=True, null=True, verbose_name="stated effective date"),
                ),
                (
                    "representative",
                    models.CharField(blank=True, max_length=500, verbose_name="representative"),
                ),
                (
                    "officer_stated",
                    models.BooleanField(default=False, verbose_name="officer is stated"),
                ),
                (
                    "laws_cited",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="laws cited",
                    ),
                ),
                (
                    "law_regimes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="law regimes",
                    ),
                ),
                (
                    "precedence",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="order of retention reasons",
                    ),
                ),
                (
                    "age_threshold",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="age threshold"
                    ),
                ),
                (
                    "min_group_size",
                    models.PositiveIntegerField(
                        default=10, verbose_name="smallest group in analyses"
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "never_collect_categories",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="never collected",
                    ),
                ),
                (
                    "never_collect_stated",
                    models.BooleanField(default=False, verbose_name="never collected is stated"),
                ),
                (
                    "never_collect_clause",
                    models.CharField(
                        blank=True, max_length=64, verbose_name="clause of never collected"
                    ),
                ),
                (
                    "never_collect_obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises of never collected",
                    ),
                ),
                (
                    "effective_on",
                    models.DateField(blank=True, null=True, verbose_name="takes effect on"),
                ),
                (
                    "announced_on",
                    models.DateField(blank=True, null=True, verbose_name="announced on"),
                ),
                (
                    "change_class",
                    models.CharField(
                        blank=True,
                        choices=[("general", "General change"), ("important", "Important change")],
                        default="",
                        max_length=10,
                        verbose_name="kind of change",
                    ),
                ),
                (
                    "change_reasons",
                    models.JSONField(
                        blank=True, default=list, verbose_name="reasons of the kind of change"
                    ),
                ),
                (
                    "stricter_by_hand",
                    models.BooleanField(default=False, verbose_name="treated as important by hand"),
                ),
                (
                    "content_hash",
                    models.CharField(
                        blank=True, max_length=64, verbose_name="digest of the content"
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "submitted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="submitted at"),
                ),
                (
                    "approved_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="approved at"),
                ),
                (
                    "announced_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="announced at"),
                ),
                (
                    "taken_effect_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="took effect at"),
                ),
                (
                    "superseded_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="superseded at"),
                ),
                (
                    "cancelled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="cancelled at"),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "policy version",
                "verbose_name_plural": "policy versions",
                "ordering": ["service", "-number"],
            },
        ),
        migrations.CreateModel(
            name="PolicyUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "items",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="items",
                    ),
                ),
                (
                    "purposes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="purposes",
                    ),
                ),
                (
                    "subjects",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="kinds of person",
                    ),
                ),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                (
                    "needs_consent",
                    models.BooleanField(default=False, verbose_name="only with consent"),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uses",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "permitted use",
                "verbose_name_plural": "permitted uses",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                ("language", models.CharField(max_length=20, verbose_name="language")),
                ("body", models.TextField(blank=True, verbose_name="text")),
                ("ready", models.BooleanField(default=False, verbose_name="ready")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "text of a policy",
                "verbose_name_plural": "texts of policies",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyRole",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="code",
                    ),
                ),
                ("label", models.CharField(max_length=500, verbose_name="name")),
                (
                    "areas",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="areas",
                    ),
                ),
                (
                    "consenting_only",
                    models.BooleanField(
                        default=False, verbose_name="only people who agreed to marketing"
                    ),
                ),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_roles",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "staff group",
                "verbose_name_plural": "staff groups",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyRight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "right",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="right",
                    ),
                ),
                (
                    "channels",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="channels",
                    ),
                ),
                (
                    "deadline",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_duration],
                        verbose_name="time limit",
                    ),
                ),
                (
                    "deadline_words",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="words of the policy"
                    ),
                ),
                (
                    "deadline_basis",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="ground of the time limit",
                    ),
                ),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                (
                    "representative",
                    models.BooleanField(
                        default=False, verbose_name="a legal representative may do it"
                    ),
                ),
                (
                    "effects",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="what follows",
                    ),
                ),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rights",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "right",
                "verbose_name_plural": "rights",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyRetentionRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="code",
                    ),
                ),
                (
                    "record_class",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="record class",
                    ),
                ),
                ("label", models.CharField(max_length=500, verbose_name="name")),
                (
                    "items",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="items",
                    ),
                ),
                (
                    "identity_items",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="items that may travel along",
                    ),
                ),
                (
                    "subjects",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="kinds of person",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_duration],
                        verbose_name="period",
                    ),
                ),
                (
                    "trigger",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="counted from",
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="rule",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="ground",
                    ),
                ),
                ("law", models.CharField(blank=True, max_length=500, verbose_name="law")),
                (
                    "storage",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="storage",
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="what happens then",
                    ),
                ),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                (
                    "mandatory",
                    models.BooleanField(
                        default=False, verbose_name="a deletion request does not end it"
                    ),
                ),
                (
                    "blocked_by",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="postponed by",
                    ),
                ),
                (
                    "allowed_purposes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="only uses while held",
                    ),
                ),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                (
                    "interpretations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="readings",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="retention_rules",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "retention rule",
                "verbose_name_plural": "retention rules",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyRecipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="code",
                    ),
                ),
                ("name", models.CharField(max_length=500, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="kind",
                    ),
                ),
                ("named", models.BooleanField(default=False, verbose_name="named in the policy")),
                (
                    "items",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="items",
                    ),
                ),
                (
                    "purposes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="purposes",
                    ),
                ),
                (
                    "subjects",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="kinds of person",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="legal ground",
                    ),
                ),
                (
                    "separate_consent",
                    models.BooleanField(default=False, verbose_name="needs a choice of its own"),
                ),
                (
                    "contract_required",
                    models.BooleanField(default=False, verbose_name="needs an agreement"),
                ),
                (
                    "posted_list",
                    models.BooleanField(default=False, verbose_name="on the published list first"),
                ),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                (
                    "period",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_duration],
                        verbose_name="period at the recipient",
                    ),
                ),
                (
                    "trigger",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="counted from",
                    ),
                ),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "recipient",
                "verbose_name_plural": "recipients",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyPurpose",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="code",
                    ),
                ),
                ("label", models.CharField(max_length=500, verbose_name="name")),
                (
                    "group",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="group",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="legal ground",
                    ),
                ),
                (
                    "separate_consent",
                    models.BooleanField(default=False, verbose_name="needs a choice of its own"),
                ),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "heading",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="heading in the policy"
                    ),
                ),
                (
                    "items_stated",
                    models.BooleanField(default=False, verbose_name="the policy ties items to it"),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="purposes",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "purpose",
                "verbose_name_plural": "purposes",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyPromise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                ("obligation", models.CharField(max_length=64, verbose_name="promise")),
                (
                    "check_kind",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="check",
                    ),
                ),
                ("params", models.JSONField(blank=True, default=dict, verbose_name="parameters")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="promises",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "binding of a promise",
                "verbose_name_plural": "bindings of promises",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyNoticeRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="code",
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="event",
                    ),
                ),
                (
                    "lead",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_duration],
                        verbose_name="how long before",
                    ),
                ),
                (
                    "duration",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_duration],
                        verbose_name="how long displayed",
                    ),
                ),
                (
                    "more_than",
                    models.BooleanField(default=False, verbose_name="has to be exceeded"),
                ),
                (
                    "places",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="public places",
                    ),
                ),
                (
                    "individual",
                    models.BooleanField(default=False, verbose_name="each person gets one"),
                ),
                (
                    "individual_channels",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="individual channels",
                    ),
                ),
                (
                    "fallback",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="fallback notice",
                    ),
                ),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                (
                    "interpretations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="readings",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notice_rules",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice rule",
                "verbose_name_plural": "notice rules",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyMarketing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "channel",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="channel",
                    ),
                ),
                (
                    "consent",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="consent",
                    ),
                ),
                (
                    "at_signup",
                    models.BooleanField(default=False, verbose_name="asked when joining"),
                ),
                (
                    "purposes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="purposes",
                    ),
                ),
                (
                    "subjects",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="kinds of person",
                    ),
                ),
                (
                    "exception",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="exception",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_duration],
                        verbose_name="period",
                    ),
                ),
                (
                    "period_stated",
                    models.BooleanField(
                        blank=True, null=True, verbose_name="period stated in the policy"
                    ),
                ),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marketing_rules",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "marketing rule",
                "verbose_name_plural": "marketing rules",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyItemSubject",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "kind",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="kind of person",
                    ),
                ),
                (
                    "requirement",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="how binding",
                    ),
                ),
                (
                    "moment",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="moment",
                    ),
                ),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subjects",
                        to="compliance.policyitem",
                        verbose_name="item",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="item_subjects",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "person concerned",
                "verbose_name_plural": "persons concerned",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="policyitem",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="compliance.policyversion",
                verbose_name="policy version",
            ),
        ),
        migrations.AddField(
            model_name="policyfinding",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="findings",
                to="compliance.policyversion",
                verbose_name="policy version",
            ),
        ),
        migrations.CreateModel(
            name="PolicyDestruction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "medium",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="medium",
                    ),
                ),
                (
                    "methods",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="methods",
                    ),
                ),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                (
                    "deadline",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_duration],
                        verbose_name="time limit",
                    ),
                ),
                (
                    "deadline_basis",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="ground of the time limit",
                    ),
                ),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="destruction_rules",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "way of destruction",
                "verbose_name_plural": "ways of destruction",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyCookie",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="code",
                    ),
                ),
                ("name", models.CharField(max_length=500, verbose_name="name")),
                (
                    "provider",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="provider",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="kind",
                    ),
                ),
                (
                    "technology",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="technology",
                    ),
                ),
                (
                    "purposes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="purposes",
                    ),
                ),
                (
                    "subjects",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="kinds of person",
                    ),
                ),
                (
                    "lifetime",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="lifetime",
                    ),
                ),
                (
                    "strictly_needed",
                    models.BooleanField(default=False, verbose_name="strictly needed"),
                ),
                (
                    "consent",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="consent",
                    ),
                ),
                (
                    "refusal",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="how to refuse",
                    ),
                ),
                (
                    "refusal_effect",
                    models.TextField(blank=True, verbose_name="what refusing changes"),
                ),
                (
                    "recipient",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="recipient",
                    ),
                ),
                (
                    "policy_link_required",
                    models.BooleanField(default=False, verbose_name="needs a link to their policy"),
                ),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cookies",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "cookie",
                "verbose_name_plural": "cookies",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyControl",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="code",
                    ),
                ),
                ("label", models.CharField(max_length=500, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="kind",
                    ),
                ),
                (
                    "interval",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_duration],
                        verbose_name="interval",
                    ),
                ),
                (
                    "interval_stated",
                    models.BooleanField(
                        blank=True, null=True, verbose_name="interval stated in the policy"
                    ),
                ),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="controls",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "protection measure",
                "verbose_name_plural": "protection measures",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="code",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="channel",
                    ),
                ),
                (
                    "value",
                    models.CharField(blank=True, max_length=500, verbose_name="address or number"),
                ),
                ("label", models.CharField(max_length=500, verbose_name="name")),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                ("hours_from", models.CharField(blank=True, max_length=5, verbose_name="from")),
                ("hours_to", models.CharField(blank=True, max_length=5, verbose_name="to")),
                (
                    "hours_days",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="days",
                    ),
                ),
                (
                    "hours_timezone",
                    models.CharField(
                        blank=True, max_length=64, verbose_name="time zone of the hours"
                    ),
                ),
                (
                    "answer_within",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_duration],
                        verbose_name="answer within",
                    ),
                ),
                (
                    "answer_kind",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="kind of answer time",
                    ),
                ),
                (
                    "topics",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="topics",
                    ),
                ),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyCollectionMethod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                (
                    "code",
                    models.CharField(
                        max_length=64,
                        validators=[compliance.models.policy_checks.check_code],
                        verbose_name="code",
                    ),
                ),
                ("label", models.CharField(max_length=500, verbose_name="name")),
                ("stated", models.BooleanField(default=False, verbose_name="stated in the policy")),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="collection_methods",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "way of collecting",
                "verbose_name_plural": "ways of collecting",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PolicyClause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="place")),
                ("ident", models.CharField(max_length=120, verbose_name="id")),
                ("clause", models.CharField(max_length=64, verbose_name="number")),
                ("title", models.CharField(max_length=500, verbose_name="title")),
                ("text", models.TextField(verbose_name="text in our words")),
                (
                    "obligations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="promises",
                    ),
                ),
                (
                    "interpretations",
                    models.JSONField(
                        blank=True,
                        default=list,
                        validators=[compliance.models.policy_checks.check_texts],
                        verbose_name="readings",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clauses",
                        to="compliance.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "clause",
                "verbose_name_plural": "clauses",
                "ordering": ["position"],
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="notice",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="compliance.policyversion",
                verbose_name="policy version",
            ),
        ),
        migrations.CreateModel(
            name="RestoreReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("found", "Found"),
                            ("replayed", "Repeated, waits for its sign-off"),
                            ("signed_off", "Signed off"),
                        ],
                        default="found",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("findings", models.JSONField(default=list, verbose_name="findings")),
                (
                    "tail_seq",
                    models.BigIntegerField(default=0, verbose_name="newest number of the tail"),
                ),
                ("tail_hash", models.CharField(max_length=64, verbose_name="its hash")),
                (
                    "common_seq",
                    models.BigIntegerField(default=0, verbose_name="last common number"),
                ),
                ("common_hash", models.CharField(max_length=64, verbose_name="its hash")),
                ("counts", models.JSONField(default=dict, verbose_name="repeated")),
                ("left", models.JSONField(default=dict, verbose_name="left for a person")),
                (
                    "ledger_seq",
                    models.BigIntegerField(
                        default=0, verbose_name="ledger number after the replay"
                    ),
                ),
                (
                    "ledger_hash",
                    models.CharField(blank=True, max_length=64, verbose_name="its hash"),
                ),
                (
                    "tail_lost",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="why the tail is lost"
                    ),
                ),
                ("found_at", models.DateTimeField(verbose_name="found at")),
                ("replayed_at", models.DateTimeField(null=True, verbose_name="repeated at")),
                ("tasks_digest", models.CharField(blank=True, max_length=64)),
                ("asked_at", models.DateTimeField(null=True, verbose_name="asked at")),
                ("signed_off_at", models.DateTimeField(null=True, verbose_name="signed off at")),
                (
                    "alone",
                    models.CharField(blank=True, max_length=60, verbose_name="why by one officer"),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "signed_off_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signed off by",
                    ),
                ),
            ],
            options={
                "verbose_name": "restore",
                "verbose_name_plural": "restores",
            },
        ),
        migrations.CreateModel(
            name="RestoreTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=80, verbose_name="what")),
                (
                    "service_slug",
                    models.CharField(blank=True, max_length=60, verbose_name="service"),
                ),
                (
                    "subject_key",
                    models.CharField(blank=True, max_length=64, verbose_name="subject key"),
                ),
                ("person", models.CharField(blank=True, max_length=32, verbose_name="person")),
                ("object_ref", models.CharField(blank=True, max_length=120, verbose_name="object")),
                ("actor", models.CharField(blank=True, max_length=80, verbose_name="who")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("count", models.PositiveIntegerField(default=1, verbose_name="how many")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done")),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="compliance.restorereport",
                    ),
                ),
            ],
            options={
                "verbose_name": "step after a restore",
                "verbose_name_plural": "steps after a restore",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(unique=True, verbose_name="short name in addresses")),
                ("name", models.CharField(max_length=500, verbose_name="name")),
                (
                    "obligation_prefix",
                    models.CharField(
                        max_length=5, unique=True, verbose_name="prefix of promise codes"
                    ),
                ),
                ("operator", models.CharField(blank=True, max_length=500, verbose_name="operator")),
                (
                    "operator_country",
                    models.CharField(
                        blank=True, max_length=2, verbose_name="country of the operator"
                    ),
                ),
                (
                    "market_country",
                    models.CharField(
                        blank=True, max_length=2, verbose_name="country of the market"
                    ),
                ),
                ("timezone", models.CharField(max_length=64, verbose_name="time zone")),
                (
                    "policy_languages",
                    models.JSONField(default=list, verbose_name="languages of the policy"),
                ),
                (
                    "notice_languages",
                    models.JSONField(default=list, verbose_name="languages of messages"),
                ),
                (
                    "representative",
                    models.CharField(blank=True, max_length=500, verbose_name="representative"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("set_up", "Set-up"), ("live", "Live")],
                        default="set_up",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "went_live_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="live since"),
                ),
                (
                    "one_officer_mode",
                    models.BooleanField(
                        default=False, verbose_name="one officer may approve alone"
                    ),
                ),
                (
                    "one_officer_reason",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="why one officer is enough"
                    ),
                ),
                (
                    "dormant_keep",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        verbose_name="how long dormant members stay apart",
                    ),
                ),
                ("is_demo", models.BooleanField(default=False, verbose_name="sample data")),
                ("created_at", models.DateTimeField(verbose_name="set up at")),
            ],
            options={
                "verbose_name": "service",
                "verbose_name_plural": "services",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["set_up", "live"])),
                        name="service_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "set_up"), ("went_live_at__isnull", False), _connector="OR"
                        ),
                        name="live_service_has_date",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("one_officer_mode", False),
                            models.Q(("one_officer_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="one_officer_has_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PromiseCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=64, verbose_name="promise")),
                ("clause", models.CharField(blank=True, max_length=64, verbose_name="clause")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("kept", "Kept"),
                            ("at_risk", "At risk"),
                            ("broken", "Broken"),
                            ("waiting_for_person", "Waiting for a person"),
                            ("not_built", "No check yet"),
                        ],
                        max_length=20,
                        verbose_name="verdict",
                    ),
                ),
                ("evidence", models.JSONField(default=list, verbose_name="evidence")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("checked_at", models.DateTimeField(verbose_name="checked at")),
                ("current", models.BooleanField(default=True)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="promise_checks",
                        to="compliance.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "promise",
                "verbose_name_plural": "promise board",
            },
        ),
        migrations.AddField(
            model_name="policyversion",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="compliance.service",
                verbose_name="service",
            ),
        ),
        migrations.CreateModel(
            name="PaperBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=80, verbose_name="label")),
                ("rule_code", models.CharField(max_length=60, verbose_name="rule")),
                ("record_class", models.CharField(max_length=60, verbose_name="class of content")),
                ("clause", models.CharField(blank=True, max_length=40, verbose_name="clause")),
                ("place", models.CharField(max_length=120, verbose_name="place")),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                (
                    "unit",
                    models.CharField(
                        choices=[("sheets", "Sheets"), ("folders", "Folders"), ("boxes", "Boxes")],
                        max_length=8,
                        verbose_name="unit",
                    ),
                ),
                ("first_on", models.DateField(verbose_name="oldest content")),
                ("last_on", models.DateField(verbose_name="newest content")),
                ("due_on", models.DateField(null=True, verbose_name="kept until")),
                ("registered_at", models.DateTimeField(verbose_name="registered")),
                ("method", models.CharField(blank=True, max_length=24, verbose_name="method")),
                (
                    "note_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("on_site", "Destroyed in our own rooms"),
                            ("contractor", "Destroyed by a contractor in our presence"),
                        ],
                        max_length=12,
                        verbose_name="note",
                    ),
                ),
                ("destroyed_on", models.DateField(null=True, verbose_name="destroyed on")),
                ("witnessed_at", models.DateTimeField(null=True, verbose_name="witnessed")),
                (
                    "destroyed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="destroyed by",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="registered by",
                    ),
                ),
                (
                    "witness",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="witness",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper",
                        to="compliance.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "paper batch",
                "verbose_name_plural": "paper batches",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="OfficerAppointment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("chief_officer", "Chief privacy officer"),
                            ("officer", "Privacy officer"),
                            ("handler", "Handler"),
                            ("marketing", "Marketing"),
                            ("auditor", "Auditor"),
                            ("administrator", "Administrator"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("appointed_on", models.DateField(verbose_name="appointed on")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
                (
                    "published",
                    models.BooleanField(default=False, verbose_name="shown to the public"),
                ),
                (
                    "public_title",
                    models.CharField(blank=True, max_length=120, verbose_name="public title"),
                ),
                (
                    "public_phone",
                    models.CharField(blank=True, max_length=40, verbose_name="public telephone"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="compliance.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "officer",
                "verbose_name_plural": "officers and access",
            },
        ),
        migrations.AddField(
            model_name="notice",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="compliance.service",
                verbose_name="service",
            ),
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for a worker"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("problems", "Done with problems"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("params", models.JSONField(default=dict)),
                ("cursor", models.BigIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("total", models.PositiveIntegerField(null=True, verbose_name="of")),
                ("outcome", models.JSONField(default=dict, verbose_name="outcome")),
                ("created_at", models.DateTimeField(verbose_name="asked at")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started at")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                ("lease_until", models.DateTimeField(null=True)),
                ("cancel_asked_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="compliance.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "One person"), ("run", "Destruction run")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "subject_key",
                    models.CharField(
                        blank=True, db_index=True, max_length=64, verbose_name="subject key"
                    ),
                ),
                ("run_ref", models.CharField(blank=True, max_length=80, verbose_name="run")),
                ("counts", models.JSONField(default=list, verbose_name="counts")),
                ("method", models.CharField(max_length=40, verbose_name="method")),
                ("destroyed_at", models.DateTimeField(verbose_name="destroyed at")),
                ("epoch", models.PositiveIntegerField(verbose_name="key epoch")),
                ("final_on", models.DateField(null=True, verbose_name="final on")),
                ("final_at", models.DateTimeField(null=True, verbose_name="final since")),
                (
                    "ledger_entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.ledgerentry",
                        verbose_name="ledger entry",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="compliance.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "certificate",
                "verbose_name_plural": "certificates",
                "ordering": ["-destroyed_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Attestation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("obligation", models.CharField(max_length=64, verbose_name="promise")),
                ("control", models.CharField(max_length=64, verbose_name="measure")),
                ("attested_on", models.DateField(verbose_name="in place on")),
                (
                    "evidence_ref",
                    models.CharField(max_length=120, verbose_name="where the proof lies"),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                (
                    "attested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="attested by",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attestations",
                        to="compliance.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "attestation",
                "verbose_name_plural": "attestations",
                "ordering": ["-attested_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entry", models.CharField(max_length=60, verbose_name="entry")),
                ("slot_at", models.DateTimeField(verbose_name="turn")),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("skipped", models.JSONField(default=dict, verbose_name="skipped")),
            ],
            options={
                "verbose_name": "turn of the timetable",
                "verbose_name_plural": "turns of the timetable",
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "slot_at"), name="one_run_per_turn")
                ],
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("size", models.PositiveBigIntegerField()),
                ("received_at", models.DateTimeField()),
                ("destroy_at", models.DateTimeField(db_index=True)),
                ("sealed", models.BinaryField(null=True)),
                ("destroyed_at", models.DateTimeField(null=True)),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uploads",
                        to="compliance.job",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_staff", True),
                    models.Q(("email__isnull", True), ("full_name", "")),
                    _connector="OR",
                ),
                name="account_of_member_is_nameless",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerbatchitem",
            index=models.Index(fields=["subject_key"], name="ledgeritem_by_subject"),
        ),
        migrations.AddIndex(
            model_name="ledgerbatchitem",
            index=models.Index(fields=["object_ref"], name="ledgeritem_by_object"),
        ),
        migrations.AddConstraint(
            model_name="noticecorrection",
            constraint=models.UniqueConstraint(
                fields=("notice", "number"), name="one_correction_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="noticecorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "cancelled"), ("new_on__isnull", True)),
                    models.Q(("kind", "moved"), ("new_on__gt", models.F("old_on"))),
                    _connector="OR",
                ),
                name="moved_only_to_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="policytext",
            constraint=models.UniqueConstraint(
                fields=("version", "language"), name="text_language_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyrole",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="policyrole_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyretentionrule",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="policyretentionrule_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyrecipient",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="policyrecipient_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policypurpose",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="policypurpose_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policynoticerule",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="policynoticerule_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyitem",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="policyitem_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyfinding",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="policyfinding_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policycookie",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="policycookie_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policycontrol",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="policycontrol_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policycontact",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="policycontact_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policycollectionmethod",
            constraint=models.UniqueConstraint(
                fields=("version", "code"), name="policycollectionmethod_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyclause",
            constraint=models.UniqueConstraint(
                fields=("version", "ident"), name="policyclause_ident_once"
            ),
        ),
        migrations.AddIndex(
            model_name="restoretask",
            index=models.Index(
                condition=models.Q(("done_at", None)), fields=["id"], name="restore_task_waits"
            ),
        ),
        migrations.AddConstraint(
            model_name="restoretask",
            constraint=models.UniqueConstraint(
                fields=("report", "code", "object_ref", "subject_key", "at"),
                name="restore_task_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="promisecheck",
            constraint=models.UniqueConstraint(
                condition=models.Q(("current", True)),
                fields=("service", "code"),
                name="one_current_verdict",
            ),
        ),
        migrations.AddIndex(
            model_name="policyversion",
            index=models.Index(
                fields=["state", "effective_on"], name="compliance__state_4218e4_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.UniqueConstraint(
                fields=("service", "number"), name="version_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "in_effect")),
                fields=("service",),
                name="one_version_in_effect",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "draft",
                            "in_review",
                            "approved",
                            "announced",
                            "in_effect",
                            "superseded",
                            "cancelled",
                        ],
                    )
                ),
                name="version_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["announced", "in_effect", "superseded"]), _negated=True
                    ),
                    ("effective_on__isnull", False),
                    _connector="OR",
                ),
                name="announced_version_has_day",
            ),
        ),
        migrations.AddIndex(
            model_name="paperbatch",
            index=models.Index(
                condition=models.Q(("destroyed_on__isnull", True)),
                fields=["service", "due_on"],
                name="paper_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="paperbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="paper_is_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="paperbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_on__gte", models.F("first_on"))),
                name="paper_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="paperbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("destroyed_by", None),
                        ("destroyed_on", None),
                        ("method", ""),
                        ("witness", None),
                    ),
                    models.Q(
                        ("destroyed_by__isnull", False),
                        ("destroyed_on__isnull", False),
                        models.Q(("method", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="paper_goes_by_a_method_and_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="paperbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("witness", None),
                    models.Q(("witness", models.F("destroyed_by")), _negated=True),
                    _connector="OR",
                ),
                name="paper_witness_is_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="paperbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("witness", None), ("witnessed_at", None)),
                    models.Q(("witness__isnull", False), ("witnessed_at__isnull", False)),
                    _connector="OR",
                ),
                name="paper_witness_with_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="officerappointment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_on", None)),
                fields=("account", "service", "role"),
                name="one_running_appointment",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                fields=["service", "-published_at"], name="compliance__service_7b7a2f_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("version", "event"), name="one_notice_per_version"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["state", "created_at"], name="compliance__state_dd375c_idx"),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["epoch", "final_at"], name="certificate_by_epoch"),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "run"), ("subject_key", "")),
                    models.Q(("kind", "person"), models.Q(("subject_key", ""), _negated=True)),
                    _connector="OR",
                ),
                name="certificate_of_person_names_subject",
            ),
        ),
        migrations.AddIndex(
            model_name="attestation",
            index=models.Index(
                fields=["service", "control", "-attested_on"], name="attestation_latest"
            ),
        ),
    ]
