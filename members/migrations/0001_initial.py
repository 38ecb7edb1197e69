import django.db.models.deletion
import django.db.models.expressions
import members.models.data_subject
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("compliance", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DataSubject",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.CharField(
                        default=members.models.data_subject.new_public_id,
                        editable=False,
                        max_length=32,
                        verbose_name="number",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("member", "Member"),
                            ("business", "Business purchaser"),
                            ("nonmember", "Purchaser without account"),
                            ("receiver", "Receiver"),
                            ("payee", "Payee"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("joining", "Joining"),
                            ("active", "Active"),
                            ("restricted", "Processing restricted"),
                            ("leaving", "Leaving"),
                            ("withdrawn", "Withdrawn"),
                            ("dormant", "Dormant, kept apart"),
                        ],
                        default="active",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                ("source", models.CharField(max_length=40, verbose_name="source")),
                ("joined_at", models.DateTimeField(verbose_name="joined")),
                ("last_used_at", models.DateTimeField(verbose_name="last used")),
                ("left_at", models.DateTimeField(null=True, verbose_name="left")),
                (
                    "account",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="subject",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "agreed_version",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.policyversion",
                    ),
                ),
                (
                    "put_off_version",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.policyversion",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subjects",
                        to="compliance.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
        migrations.CreateModel(
            name="ConsentState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=80, verbose_name="purpose")),
                ("channel", models.CharField(blank=True, max_length=20, verbose_name="channel")),
                (
                    "recipient",
                    models.CharField(blank=True, max_length=60, verbose_name="recipient"),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("agreed", "Agreed"),
                            ("disagreed", "Disagreed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=12,
                        verbose_name="answer",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.policyversion",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="members.datasubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "current consent",
                "verbose_name_plural": "current consents",
            },
        ),
        migrations.CreateModel(
            name="ConsentReceipt",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("body", models.TextField(verbose_name="text")),
                (
                    "signature",
                    models.CharField(blank=True, max_length=128, verbose_name="signature"),
                ),
                (
                    "key_fingerprint",
                    models.CharField(blank=True, max_length=64, verbose_name="key"),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("signed_at", models.DateTimeField(null=True, verbose_name="signed")),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="receipts",
                        to="members.datasubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "consent receipt",
                "verbose_name_plural": "consent receipts",
            },
        ),
        migrations.CreateModel(
            name="ConsentEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=80, verbose_name="purpose")),
                ("channel", models.CharField(blank=True, max_length=20, verbose_name="channel")),
                (
                    "recipient",
                    models.CharField(blank=True, max_length=60, verbose_name="recipient"),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("agreed", "Agreed"),
                            ("disagreed", "Disagreed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=12,
                        verbose_name="answer",
                    ),
                ),
                ("asked_by", models.CharField(max_length=20, verbose_name="asked by")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                ("text_hash", models.CharField(max_length=64, verbose_name="text shown")),
                ("answered_at", models.DateTimeField(verbose_name="answered")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.policyversion",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="members.datasubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "consent record",
                "verbose_name_plural": "consent records",
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[],
            options={
                "verbose_name": "member",
                "verbose_name_plural": "members",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("members.datasubject",),
        ),
        migrations.CreateModel(
            name="Purchaser",
            fields=[],
            options={
                "verbose_name": "purchaser without account",
                "verbose_name_plural": "purchasers without account",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("members.datasubject",),
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("event", models.CharField(max_length=60, verbose_name="message")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("notice", "Notice"),
                            ("code", "Sign-in code"),
                            ("confirmation", "Confirmation"),
                            ("marketing", "Marketing"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("stage", models.CharField(default="first", max_length=12, verbose_name="stage")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("refused", "Not allowed"),
                            ("unreachable", "No address"),
                            ("cancelled", "Cancelled"),
                            ("uncertain", "Uncertain"),
                        ],
                        default="pending",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("at_least_once", models.BooleanField(default=True)),
                ("not_before", models.DateTimeField(verbose_name="not before")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("lease_until", models.DateTimeField(null=True)),
                ("lease_token", models.CharField(blank=True, max_length=32)),
                ("message_id", models.CharField(max_length=120, verbose_name="Message-ID")),
                ("sealed", models.BinaryField(null=True)),
                ("result", models.CharField(blank=True, max_length=60, verbose_name="result")),
                ("created_at", models.DateTimeField(verbose_name="written")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "notice",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="compliance.notice",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.service",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="deliveries",
                        to="members.datasubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "sent mail",
            },
        ),
        migrations.CreateModel(
            name="DestructionPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateField(null=True, verbose_name="last days from")),
                ("before", models.DateField(verbose_name="runs on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("waiting", "Waits for approval"),
                            ("approved", "Approved"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("void", "Void"),
                        ],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("records", models.PositiveIntegerField(verbose_name="records")),
                ("people", models.PositiveIntegerField(verbose_name="people")),
                ("held", models.PositiveIntegerField(default=0, verbose_name="postponed by holds")),
                ("counts", models.JSONField(default=list, verbose_name="counts")),
                (
                    "content_hash",
                    models.CharField(max_length=64, verbose_name="digest of the list"),
                ),
                ("first_due_on", models.DateField(verbose_name="earliest last day")),
                ("destroy_by", models.DateField(verbose_name="destroy by")),
                (
                    "deadline_stated",
                    models.BooleanField(
                        default=False, verbose_name="deadline stated by the policy"
                    ),
                ),
                ("planned_at", models.DateTimeField(verbose_name="planned")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved")),
                ("expires_at", models.DateTimeField(verbose_name="valid until")),
                ("passed", models.PositiveIntegerField(default=0)),
                ("batches", models.PositiveIntegerField(default=0, verbose_name="batches")),
                ("destroyed", models.PositiveIntegerField(default=0, verbose_name="destroyed")),
                (
                    "postponed",
                    models.PositiveIntegerField(default=0, verbose_name="left out: under a hold"),
                ),
                (
                    "dropped",
                    models.PositiveIntegerField(default=0, verbose_name="left out: no longer due"),
                ),
                ("lease_until", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "void_reason",
                    models.CharField(blank=True, max_length=20, verbose_name="why void"),
                ),
                (
                    "late_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("technical_fault", "Technical fault"),
                            ("legal_question", "Legal question is open"),
                            ("data_under_check", "The data is being checked"),
                            ("officer_absent", "No second officer was there"),
                        ],
                        max_length=20,
                        verbose_name="why late",
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="planned by",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="destruction_plans",
                        to="compliance.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "destruction plan",
                "verbose_name_plural": "destruction plans",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="DestructionPage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("apart", models.BooleanField()),
                ("lines", models.BinaryField()),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pages",
                        to="members.destructionplan",
                    ),
                ),
            ],
            options={
                "verbose_name": "page of a destruction plan",
                "verbose_name_plural": "pages of destruction plans",
            },
        ),
        migrations.CreateModel(
            name="Dormancy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule_code", models.CharField(max_length=60, verbose_name="rule")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("noticed", "Notice on its way"),
                            ("unreached", "Notice reached nobody"),
                            ("told", "Told"),
                            ("apart", "Kept apart"),
                            ("returned", "Came back"),
                        ],
                        default="noticed",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("last_used_on", models.DateField(verbose_name="last used")),
                ("notice_due_on", models.DateField(verbose_name="notice due")),
                ("separate_on", models.DateField(verbose_name="set apart from")),
                ("told_on", models.DateField(null=True, verbose_name="told on")),
                (
                    "told_channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("email", "E-mail"),
                            ("phone", "Telephone"),
                            ("writing", "In writing"),
                            ("app", "Message in the app"),
                            ("service", "Message in the service"),
                        ],
                        max_length=12,
                        verbose_name="told by",
                    ),
                ),
                ("apart_at", models.DateTimeField(null=True, verbose_name="set apart")),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="members.delivery",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.service",
                    ),
                ),
                (
                    "subject",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dormancy",
                        to="members.datasubject",
                    ),
                ),
                (
                    "told_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "dormancy",
                "verbose_name_plural": "dormancy",
            },
        ),
        migrations.CreateModel(
            name="IdentityCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "document",
                    models.CharField(
                        choices=[
                            ("driving_licence", "Driving licence"),
                            ("insurance_card", "Insurance card"),
                            ("passport", "Passport"),
                            ("resident_card", "Resident card"),
                            ("other", "Another official document"),
                        ],
                        max_length=20,
                        verbose_name="document",
                    ),
                ),
                ("purpose", models.CharField(max_length=60, verbose_name="purpose")),
                (
                    "media",
                    models.CharField(
                        choices=[
                            ("application/pdf", "PDF"),
                            ("image/jpeg", "JPEG"),
                            ("image/png", "PNG"),
                        ],
                        max_length=20,
                        verbose_name="file",
                    ),
                ),
                ("scan", models.UUIDField(null=True)),
                ("taken_in_at", models.DateTimeField(verbose_name="taken in")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "It is this person"),
                            ("not_confirmed", "It is not this person"),
                            ("unusable", "The document could not be used"),
                        ],
                        max_length=16,
                        verbose_name="result",
                    ),
                ),
                ("checked_at", models.DateTimeField(null=True, verbose_name="checked")),
                ("scan_gone_at", models.DateTimeField(null=True, verbose_name="scan destroyed")),
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.service",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="identity_checks",
                        to="members.datasubject",
                    ),
                ),
                (
                    "taken_in_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "identity check",
                "verbose_name_plural": "identity checks",
            },
        ),
        migrations.CreateModel(
            name="JoinRefusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                (
                    "count",
                    models.PositiveIntegerField(default=0, verbose_name="people who said no"),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="compliance.service",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.policyversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of people who did not join",
                "verbose_name_plural": "counts of people who did not join",
            },
        ),
        migrations.CreateModel(
            name="KnownDevice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("seen_at", models.DateTimeField(db_index=True)),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_devices",
                        to="members.datasubject",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LegalRepresentative",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("contact", models.UUIDField(editable=False, null=True, unique=True)),
                ("sealed", models.BinaryField(null=True)),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "Asked"), ("confirmed", "Confirmed")],
                        default="asked",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[("email_code", "Code by e-mail")],
                        max_length=12,
                        verbose_name="confirmed by",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("expires_at", models.DateTimeField(verbose_name="answer until")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="representatives",
                        to="members.datasubject",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.policyversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal representative",
                "verbose_name_plural": "legal representatives",
            },
        ),
        migrations.CreateModel(
            name="PendingJoin",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=12, verbose_name="kind")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                ("sealed", models.BinaryField()),
                ("created_at", models.DateTimeField(verbose_name="typed")),
                ("expires_at", models.DateTimeField(db_index=True, verbose_name="expires")),
                ("proved_at", models.DateTimeField(null=True)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="compliance.service",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pending_joins",
                        to="members.datasubject",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.policyversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "form that waits for its code",
                "verbose_name_plural": "forms that wait for their code",
            },
        ),
        migrations.CreateModel(
            name="AccessCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.CharField(max_length=64, unique=True)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("sign_in", "Sign in"),
                            ("order_access", "Order access"),
                            ("step_up", "Confirm it is you"),
                            ("join", "Join"),
                            ("represent", "Act for a child"),
                            ("new_address", "New e-mail address"),
                        ],
                        max_length=16,
                    ),
                ),
                ("code_hash", models.CharField(max_length=128)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="compliance.service",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_codes",
                        to="members.datasubject",
                    ),
                ),
                (
                    "pending",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_codes",
                        to="members.pendingjoin",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reclock",
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
                            ("live", "Records of people who are here"),
                            ("apart", "Records kept apart"),
                            ("held", "Digests against rejoining"),
                            ("done", "Done"),
                        ],
                        default="live",
                        max_length=5,
                        verbose_name="state",
                    ),
                ),
                ("cursor", models.UUIDField(null=True)),
                ("page", models.JSONField(default=dict)),
                ("counts", models.JSONField(default=list, verbose_name="counts")),
                ("began_at", models.DateTimeField(verbose_name="began")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reclock",
                        to="compliance.policyversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "recomputing of last days",
                "verbose_name_plural": "recomputings of last days",
            },
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("record_class", models.CharField(max_length=60, verbose_name="record class")),
                ("occurred_at", models.DateTimeField(verbose_name="occurred")),
                ("anchors", models.JSONField(default=dict, verbose_name="clock starts")),
                ("source", models.CharField(max_length=40, verbose_name="source")),
                ("item_codes", models.JSONField(default=list, verbose_name="items")),
                ("sealed", models.BinaryField()),
                ("due_on", models.DateField(null=True, verbose_name="kept until")),
                ("held_by", models.CharField(blank=True, max_length=60, verbose_name="held by")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "subject",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="members.datasubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "record",
                "verbose_name_plural": "records",
            },
        ),
        migrations.CreateModel(
            name="Restriction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("open_dispute", "Accuracy disputed"),
                            ("legal_request", "Request of an authority"),
                            ("unpaid_claim", "Unpaid claim"),
                            ("objection", "Objection"),
                            ("contract_of_use_running", "Contract of use running"),
                            ("illegal_use", "Illegal use found"),
                        ],
                        max_length=24,
                        verbose_name="ground",
                    ),
                ),
                ("items", models.JSONField(default=list, verbose_name="items")),
                ("blocks_use", models.BooleanField(default=True, verbose_name="stops use")),
                (
                    "blocks_destruction",
                    models.BooleanField(default=True, verbose_name="postpones destruction"),
                ),
                ("began_at", models.DateTimeField(verbose_name="since")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("review_on", models.DateField(null=True, verbose_name="review on")),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="restrictions",
                        to="members.datasubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "hold",
                "verbose_name_plural": "holds",
            },
        ),
        migrations.CreateModel(
            name="CaseFlag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule_code", models.CharField(max_length=60, verbose_name="rule")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("fraud_finding", "Fraud was found"),
                            ("open_dispute", "A dispute is open"),
                            ("agency_matter", "An investigative agency is at work on it"),
                            ("repeated_joining", "Repeated joining for coupons or events"),
                            ("impersonation", "Joined with somebody else's information"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("items", models.JSONField(default=list, verbose_name="items")),
                ("found_on", models.DateField(verbose_name="found on")),
                ("proposed_at", models.DateTimeField(verbose_name="proposed")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="holds since")),
                ("set_aside_at", models.DateTimeField(null=True)),
                ("review_on", models.DateField(null=True, verbose_name="next review")),
                ("reviewed_at", models.DateTimeField(null=True, verbose_name="last review")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_confirmed", "Not confirmed"),
                            ("cleared", "The suspicion was wrong"),
                            ("settled", "The matter is settled"),
                            ("period_over", "The period is over"),
                            ("destroyed", "What it held is destroyed"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.service",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="case_flags",
                        to="members.datasubject",
                    ),
                ),
                (
                    "stop",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="case_flag",
                        to="members.restriction",
                    ),
                ),
            ],
            options={
                "verbose_name": "internal hold",
                "verbose_name_plural": "internal holds",
            },
        ),
        migrations.CreateModel(
            name="RightsRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reference",
                    models.CharField(max_length=16, unique=True, verbose_name="reference"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("access", "See the data"),
                            ("transaction_access", "See transactions"),
                            ("rectification", "Correct"),
                            ("erasure", "Erase"),
                            ("restriction", "Stop using"),
                            ("objection", "Object"),
                            ("consent_withdrawal", "Withdraw consent"),
                            ("membership_withdrawal", "Withdraw membership"),
                            ("enquiry", "Enquiry"),
                            ("complaint", "Complaint"),
                        ],
                        max_length=24,
                        verbose_name="kind",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "Web page"),
                            ("email", "E-mail"),
                            ("phone", "Telephone"),
                            ("fax", "Fax"),
                            ("writing", "Writing"),
                            ("system", "End of separate storage"),
                        ],
                        max_length=8,
                        verbose_name="channel",
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=8, verbose_name="language")),
                (
                    "made_by",
                    models.CharField(
                        choices=[
                            ("person", "The person"),
                            ("representative", "A legal representative"),
                        ],
                        default="person",
                        max_length=16,
                        verbose_name="made by",
                    ),
                ),
                (
                    "identity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not checked yet"),
                            ("signed_in", "Signed in, or order number and code"),
                            ("known_address", "Written from the address we hold"),
                            ("called_back", "Called back on the number we hold"),
                            ("document", "Document seen, nothing of it kept"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="identity",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("waiting", "Waiting for the person"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                        ],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("due_at", models.DateTimeField(null=True, verbose_name="due")),
                ("extended_to", models.DateTimeField(null=True, verbose_name="extended to")),
                (
                    "extension_reason",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="reason for extending"
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                ("clause", models.CharField(blank=True, max_length=40, verbose_name="clause")),
                ("items", models.JSONField(default=list, verbose_name="items")),
                ("outcome", models.JSONField(default=dict, verbose_name="outcome")),
                (
                    "refusal_reason",
                    models.CharField(blank=True, max_length=40, verbose_name="reason for refusing"),
                ),
                (
                    "handler",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.service",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="requests",
                        to="members.datasubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "request",
                "verbose_name_plural": "requests",
            },
        ),
        migrations.AddField(
            model_name="restriction",
            name="request",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="restrictions",
                to="members.rightsrequest",
            ),
        ),
        migrations.CreateModel(
            name="RequestMessage",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("body", "What was asked"),
                            ("contact", "How to reach the person"),
                            ("comment", "Comment of the person"),
                            ("question", "Question to the person"),
                            ("answer", "Answer"),
                            ("note", "Note of the office"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("written_at", models.DateTimeField(verbose_name="written")),
                ("sealed", models.BinaryField()),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="members.rightsrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "message of a request",
                "verbose_name_plural": "messages of requests",
            },
        ),
        migrations.CreateModel(
            name="DataCopy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("ready", "Ready"), ("failed", "Failed")],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("lease_until", models.DateTimeField(null=True)),
                ("sealed", models.BinaryField(null=True)),
                ("size", models.PositiveIntegerField(default=0, verbose_name="size")),
                (
                    "downloads",
                    models.PositiveSmallIntegerField(default=0, verbose_name="downloads"),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("ready_at", models.DateTimeField(null=True, verbose_name="ready since")),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="copies",
                        to="members.datasubject",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.rightsrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "copy of personal data",
                "verbose_name_plural": "copies of personal data",
            },
        ),
        migrations.CreateModel(
            name="Enquiry",
            fields=[],
            options={
                "verbose_name": "enquiry or complaint",
                "verbose_name_plural": "enquiries and complaints",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("members.rightsrequest",),
        ),
        migrations.CreateModel(
            name="ServiceBlock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("late_payment", "Did not pay promptly"),
                            ("harm", "Harmed other users or third parties"),
                            (
                                "breach_and_misuse",
                                "Broke the terms and used the service improperly",
                            ),
                        ],
                        max_length=20,
                        verbose_name="ground",
                    ),
                ),
                ("facts", models.CharField(max_length=40, verbose_name="file with the facts")),
                ("items", models.JSONField(default=list, verbose_name="items")),
                ("decided_at", models.DateTimeField(verbose_name="decided")),
                ("ends_on", models.DateField(null=True, verbose_name="last day")),
                ("review_on", models.DateField(null=True, verbose_name="next review")),
                ("reviewed_at", models.DateTimeField(null=True, verbose_name="last review")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("settled", "The matter is settled"),
                            ("wrong", "The decision was wrong"),
                            ("period_over", "The period is over"),
                        ],
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.service",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="service_blocks",
                        to="members.datasubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "refusal of service",
                "verbose_name_plural": "refusals of service",
            },
        ),
        migrations.CreateModel(
            name="StagedChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("replaces", models.UUIDField(null=True)),
                ("facts", models.JSONField(default=dict)),
                ("record_class", models.CharField(blank=True, max_length=60)),
                ("occurred_at", models.DateTimeField(null=True)),
                ("anchors", models.JSONField(default=dict)),
                ("source", models.CharField(blank=True, max_length=40)),
                ("item_codes", models.JSONField(default=list)),
                ("sealed", models.BinaryField(null=True)),
                ("due_on", models.DateField(null=True)),
                ("held_by", models.CharField(blank=True, max_length=60)),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staged_changes",
                        to="compliance.job",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staged_changes",
                        to="members.datasubject",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UntoldDestruction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("destroyed_at", models.DateTimeField(verbose_name="destroyed")),
                ("lines", models.JSONField(default=list)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.service",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.datasubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "message about a destruction still to write",
                "verbose_name_plural": "messages about destructions still to write",
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("closed", "Sign-in closed"),
                            ("confirmed", "Confirmation handed over"),
                            ("archived", "Kept records set apart"),
                            ("destroyed", "The rest destroyed"),
                            ("complete", "Complete"),
                        ],
                        default="closed",
                        max_length=12,
                        verbose_name="step",
                    ),
                ),
                ("left_on", models.DateField(verbose_name="left on")),
                ("plan", models.JSONField(default=dict, verbose_name="plan")),
                ("began_at", models.DateTimeField(verbose_name="began")),
                ("completed_at", models.DateTimeField(null=True, verbose_name="completed")),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="members.rightsrequest",
                    ),
                ),
                (
                    "subject",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="withdrawal",
                        to="members.datasubject",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.policyversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "withdrawal",
                "verbose_name_plural": "withdrawals",
            },
        ),
        migrations.CreateModel(
            name="ArchiveReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.CharField(max_length=32, verbose_name="person")),
                ("ground", models.CharField(max_length=60, verbose_name="ground")),
                ("items", models.JSONField(default=list, verbose_name="items")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for a second officer"),
                            ("released", "Released"),
                            ("refused", "Refused"),
                        ],
                        default="asked",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("open_until", models.DateTimeField(null=True, verbose_name="open until")),
                ("openings", models.PositiveSmallIntegerField(default=0, verbose_name="opened")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "reading of the archive",
                "verbose_name_plural": "readings of the archive",
                "indexes": [
                    models.Index(fields=["service", "-id"], name="members_arc_service_a4431d_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="reading_released_by_another",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CookieCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=64, verbose_name="kind of cookie")),
                ("answer", models.CharField(max_length=4, verbose_name="answer")),
                ("day", models.DateField(verbose_name="day")),
                ("answers", models.PositiveIntegerField(default=0, verbose_name="answers")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.policyversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of cookie answers",
                "verbose_name_plural": "counts of cookie answers",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version", "kind", "answer", "day"), name="one_count_per_day"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="datasubject",
            index=models.Index(
                fields=["service", "status", "id"], name="members_dat_service_3b94e5_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="datasubject",
            index=models.Index(
                fields=["service", "-joined_at", "-id"], name="members_dat_service_212056_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="datasubject",
            index=models.Index(fields=["service", "last_used_at", "id"], name="subject_last_used"),
        ),
        migrations.AddConstraint(
            model_name="datasubject",
            constraint=models.UniqueConstraint(fields=("public_id",), name="one_person_a_number"),
        ),
        migrations.AddConstraint(
            model_name="datasubject",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ("leaving", "withdrawn")), ("left_at", None), _connector="OR"
                ),
                name="only_leavers_have_left",
            ),
        ),
        migrations.AddIndex(
            model_name="consentstate",
            index=models.Index(
                condition=models.Q(("answer", "agreed")),
                fields=["purpose", "subject"],
                name="consent_agreed",
            ),
        ),
        migrations.AddIndex(
            model_name="consentstate",
            index=models.Index(
                condition=models.Q(("answer", "agreed"), models.Q(("channel", ""), _negated=True)),
                fields=["since"],
                name="consent_on_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentstate",
            constraint=models.UniqueConstraint(
                fields=("subject", "purpose", "channel", "recipient"), name="one_current_answer"
            ),
        ),
        migrations.AddIndex(
            model_name="consentreceipt",
            index=models.Index(
                condition=models.Q(("signed_at", None)),
                fields=["asked_at"],
                name="receipt_unsigned",
            ),
        ),
        migrations.AddIndex(
            model_name="consentevent",
            index=models.Index(
                fields=["subject", "purpose", "-answered_at"], name="members_con_subject_0a0b96_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="consentevent",
            index=models.Index(fields=["-answered_at", "-id"], name="consent_newest"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["not_before", "id"],
                name="delivery_pending",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("kind__in", ("code", "confirmation")), ("state", "pending")),
                fields=["not_before", "id"],
                name="delivery_urgent",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "sending")),
                fields=["lease_until"],
                name="delivery_leased",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("sealed__isnull", False)), fields=["id"], name="delivery_sealed"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["notice", "state"], name="delivery_by_notice"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("notice__isnull", False), ("subject__isnull", False)),
                fields=("notice", "subject", "stage"),
                name="one_message_per_stage",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("message_id",), name="one_message_a_message_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="destructionplan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("planned", "waiting", "approved", "running"))),
                fields=("service", "before"),
                name="one_open_destruction_plan_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="destructionplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "records__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("destroyed"), "+", models.F("postponed")
                            ),
                            "+",
                            models.F("dropped"),
                        ),
                    )
                ),
                name="never_more_destroyed_than_planned",
            ),
        ),
        migrations.AddConstraint(
            model_name="destructionplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None), ("approved_at__isnull", False), _connector="OR"
                ),
                name="approved_plan_has_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="destructionpage",
            constraint=models.UniqueConstraint(
                fields=("plan", "number"), name="destruction_page_once"
            ),
        ),
        migrations.AddIndex(
            model_name="dormancy",
            index=models.Index(
                fields=["service", "state", "separate_on", "id"], name="dormancy_due"
            ),
        ),
        migrations.AddIndex(
            model_name="dormancy",
            index=models.Index(fields=["service", "apart_at"], name="dormancy_apart"),
        ),
        migrations.AddConstraint(
            model_name="dormancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "told"), _negated=True),
                    ("told_on__isnull", False),
                    _connector="OR",
                ),
                name="told_on_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="dormancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "apart"), _negated=True),
                    ("apart_at__isnull", False),
                    _connector="OR",
                ),
                name="apart_since",
            ),
        ),
        migrations.AddIndex(
            model_name="identitycheck",
            index=models.Index(fields=["service", "-id"], name="members_ide_service_ad362c_idx"),
        ),
        migrations.AddIndex(
            model_name="identitycheck",
            index=models.Index(
                condition=models.Q(("scan__isnull", False)),
                fields=["id"],
                name="identity_scan_kept",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitycheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("result", ""),
                    models.Q(("checked_at__isnull", False), ("checked_by__isnull", False)),
                    _connector="OR",
                ),
                name="identity_result_has_a_checker",
            ),
        ),
        migrations.AddConstraint(
            model_name="joinrefusal",
            constraint=models.UniqueConstraint(
                fields=("version", "day"), name="one_refusal_count_per_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="knowndevice",
            constraint=models.UniqueConstraint(
                fields=("subject", "digest"), name="one_row_per_known_device"
            ),
        ),
        migrations.AddIndex(
            model_name="legalrepresentative",
            index=models.Index(
                condition=models.Q(("state", "asked")),
                fields=["expires_at"],
                name="representative_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="legalrepresentative",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "confirmed"), ("answered_at", None), _connector="OR"),
                name="representative_answered_once_confirmed",
            ),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                fields=["subject", "record_class"], name="members_rec_subject_480c79_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                condition=models.Q(("due_on__isnull", False)),
                fields=["due_on", "subject", "id", "held_by", "record_class"],
                name="record_due",
            ),
        ),
        migrations.AddIndex(
            model_name="caseflag",
            index=models.Index(fields=["service", "-id"], name="members_cas_service_217911_idx"),
        ),
        migrations.AddIndex(
            model_name="caseflag",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["id"], name="case_flag_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="caseflag",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("subject__isnull", False)),
                fields=("subject", "rule_code"),
                name="one_open_case_per_rule",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseflag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by", None),
                    models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="case_confirmed_by_another",
            ),
        ),
        migrations.AddIndex(
            model_name="rightsrequest",
            index=models.Index(
                fields=["service", "state", "due_at"], name="members_rig_service_230020_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="restriction",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["subject"], name="restriction_open"
            ),
        ),
        migrations.AddIndex(
            model_name="requestmessage",
            index=models.Index(fields=["request", "written_at"], name="request_message_order"),
        ),
        migrations.AddIndex(
            model_name="datacopy",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["asked_at"], name="copy_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="datacopy",
            index=models.Index(fields=["expires_at"], name="copy_expiry"),
        ),
        migrations.AddConstraint(
            model_name="datacopy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")),
                fields=("subject",),
                name="one_copy_at_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="serviceblock",
            index=models.Index(fields=["service", "-id"], name="members_ser_service_b3bc35_idx"),
        ),
        migrations.AddConstraint(
            model_name="serviceblock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", False), ("review_on__isnull", False), _connector="OR"
                ),
                name="block_has_an_end_or_a_review",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceblock",
            constraint=models.CheckConstraint(
                condition=models.Q(("ground__in", ["late_payment", "harm", "breach_and_misuse"])),
                name="block_has_a_stated_ground",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceblock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("subject__isnull", False)),
                fields=("subject", "ground"),
                name="one_open_block_per_ground",
            ),
        ),
        migrations.AddIndex(
            model_name="untolddestruction",
            index=models.Index(fields=["service", "destroyed_at"], name="untold_by_service"),
        ),
        migrations.AddIndex(
            model_name="withdrawal",
            index=models.Index(
                condition=models.Q(("step", "complete"), _negated=True),
                fields=["id"],
                name="withdrawal_open",
            ),
        ),
    ]
