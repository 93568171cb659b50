from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="connection",
            name="sealed_old_secret",
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name="connection",
            name="sealed_secret",
            field=models.TextField(),
        ),
    ]
