import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Epoch",
            fields=[
                (
                    "number",
                    models.PositiveIntegerField(
                        primary_key=True, serialize=False, verbose_name="number"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("wrapped_index_key", models.BinaryField()),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                ("retired_at", models.DateTimeField(null=True, verbose_name="retired at")),
                ("erasable", models.BooleanField(default=True, verbose_name="erasable")),
                ("forgotten_at", models.DateTimeField(null=True, verbose_name="forgotten at")),
            ],
            options={
                "verbose_name": "key epoch",
                "verbose_name_plural": "key epochs",
                "ordering": ["-number"],
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
            name="DataKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("wrapped", models.BinaryField()),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                (
                    "epoch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="keyring.epoch",
                    ),
                ),
            ],
            options={
                "verbose_name": "data key",
                "verbose_name_plural": "data keys",
            },
        ),
        migrations.CreateModel(
            name="SealedSecret",
            fields=[
                (
                    "name",
                    models.CharField(
                        max_length=60, primary_key=True, serialize=False, verbose_name="name"
                    ),
                ),
                ("wrapped", models.BinaryField()),
                (
                    "epoch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="keyring.epoch",
                    ),
                ),
            ],
            options={
                "verbose_name": "sealed secret",
                "verbose_name_plural": "sealed secrets",
            },
        ),
        migrations.CreateModel(
            name="BlindIndex",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope", models.CharField(max_length=60, verbose_name="service")),
                ("field", models.CharField(max_length=20, verbose_name="field")),
                ("digest", models.BinaryField(max_length=32)),
                ("inner_sealed", models.BinaryField()),
                ("key", models.UUIDField(db_index=True)),
                (
                    "epoch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="keyring.epoch",
                    ),
                ),
            ],
            options={
                "verbose_name": "blind index entry",
                "verbose_name_plural": "blind index",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("epoch", "scope", "field", "digest", "key"),
                        name="blind_index_entry_once",
                    )
                ],
            },
        ),
    ]
