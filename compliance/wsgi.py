"""Entry of the web server; refuses to start without the key-encryption key."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")

application = get_wsgi_application()

from compliance.keyring import kek  # noqa: E402  (needs the application registry)
from compliance.restore import guard  # noqa: E402

kek.require()
guard.at_start()
