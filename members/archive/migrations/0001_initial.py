import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "arrival",
                "verbose_name_plural": "arrivals",
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("seq", models.BigIntegerField(verbose_name="ledger number")),
            ],
            options={
                "verbose_name": "mark",
                "verbose_name_plural": "marks",
            },
        ),
        migrations.CreateModel(
            name="ArchivedSubject",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.CharField(max_length=32, verbose_name="number")),
                ("service_slug", models.CharField(max_length=40, verbose_name="service")),
                ("kind", models.CharField(max_length=12, verbose_name="kind")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                (
                    "why",
                    models.CharField(
                        choices=[("withdrawn", "Withdrawn"), ("dormant", "Dormant")],
                        max_length=12,
                        verbose_name="why",
                    ),
                ),
                ("left_on", models.DateField(null=True, verbose_name="left on")),
                ("archived_at", models.DateTimeField(verbose_name="set apart")),
                ("arrival", models.BigIntegerField(null=True)),
            ],
            options={
                "verbose_name": "person kept apart",
                "verbose_name_plural": "people kept apart",
                "indexes": [models.Index(fields=["-archived_at", "-id"], name="archived_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("public_id",), name="one_person_apart_a_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="RejoinDigest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("service_slug", models.CharField(max_length=40, verbose_name="service")),
                ("field", models.CharField(max_length=40, verbose_name="item")),
                ("digest", models.BinaryField(max_length=32)),
                ("withdrawal_ref", models.CharField(max_length=40)),
                ("rule_code", models.CharField(max_length=60, verbose_name="rule")),
                ("clause", models.CharField(blank=True, max_length=40, verbose_name="clause")),
                ("held_since", models.DateField(verbose_name="since")),
                ("due_on", models.DateField(db_index=True, verbose_name="kept until")),
            ],
            options={
                "verbose_name": "rejoin digest",
                "verbose_name_plural": "rejoin digests",
                "indexes": [
                    models.Index(
                        fields=["service_slug", "field", "digest"],
                        name="archive_rej_service_21084d_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("withdrawal_ref", "field"), name="one_digest_per_item_and_exit"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ArchivedRecord",
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
                ("rule_code", models.CharField(max_length=60, verbose_name="rule")),
                ("clause", models.CharField(blank=True, max_length=40, verbose_name="clause")),
                ("policy_version", models.PositiveIntegerField(verbose_name="policy version")),
                ("due_on", models.DateField(null=True, verbose_name="kept until")),
                ("archived_at", models.DateTimeField(verbose_name="set apart")),
                ("recorded_at", models.DateTimeField(null=True, verbose_name="recorded")),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="archive.archivedsubject",
                    ),
                ),
            ],
            options={
                "verbose_name": "record kept apart",
                "verbose_name_plural": "records kept apart",
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_on__isnull", False)),
                        fields=["due_on", "subject", "id", "rule_code", "record_class", "clause"],
                        name="archived_due",
                    ),
                    models.Index(
                        condition=models.Q(("due_on", None)),
                        fields=["subject"],
                        name="archived_clock_open",
                    ),
                ],
            },
        ),
    ]
