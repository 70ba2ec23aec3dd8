"""Create items."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The first step."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="ItemRow",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                # "C" compares bytes: its index stays valid when the operating system changes its sorting rules.
                ("name", models.TextField(db_collation="C")),
                ("description", models.TextField(null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "items",
                "constraints": [models.UniqueConstraint(fields=["name"], name="items_name_unique")],
            },
        ),
    ]
