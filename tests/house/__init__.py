"""What holds for the whole house: routes, templates, migrations, languages, sizes."""
