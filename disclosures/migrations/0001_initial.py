import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("compliance", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("policy_code", models.CharField(max_length=60, verbose_name="policy row")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("third_party", "Third party"),
                            ("processor", "Processor"),
                            ("authority", "Authority"),
                            ("tracker", "Tracker"),
                            ("transaction_party", "Transaction party"),
                            ("other_users", "Other users"),
                            ("aggregate_only", "Aggregates only"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(blank=True, max_length=254, verbose_name="contact e-mail"),
                ),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("items", models.JSONField(default=list, verbose_name="items")),
                ("purposes", models.JSONField(default=list, verbose_name="purposes")),
                (
                    "posted_on",
                    models.DateField(
                        blank=True, null=True, verbose_name="on the public list since"
                    ),
                ),
                ("since_on", models.DateField(verbose_name="since")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
                (
                    "agreement_reference",
                    models.CharField(blank=True, max_length=120, verbose_name="agreement"),
                ),
                (
                    "agreement_until",
                    models.DateField(blank=True, null=True, verbose_name="agreement until"),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recipients",
                        to="compliance.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "recipient",
                "verbose_name_plural": "recipients",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None)),
                        fields=("service", "name"),
                        name="one_running_recipient_per_name",
                    )
                ],
            },
        ),
    ]
