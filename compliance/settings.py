"""Settings of one installation, read from the environment and from ``.env``."""

import secrets
from datetime import timedelta
from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from compliance.csp import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY
from compliance.databases import database

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
environ.Env.read_env(BASE_DIR / ".env", overwrite=False)

DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
KEK_DIR = Path(env.str("KEK_DIR", default=str(VAR_DIR / "keys")))
# A key in the environment is for trials: it cannot be erased, so no destruction becomes final.
KEK_HEX = env.str("KEK_HEX", default="")
KEY_ROLL_HOURS = env.int("KEY_ROLL_HOURS", default=24)  # 24 to 168.
RECOVERY_DIRS = env.list("RECOVERY_DIRS", default=[])
TAIL_DIR = Path(env.str("TAIL_DIR", default=str(VAR_DIR / "tail")))
# Made by the worker or by manage.py checkpoint_key; only the worker has to be able to read it.
CHECKPOINT_KEY_FILE = Path(
    env.str("CHECKPOINT_KEY_FILE", default=str(VAR_DIR / "checkpoint" / "key.pem"))
)
CHECKPOINT_DIRS = env.list("CHECKPOINT_DIRS", default=[])
JOURNAL_DIR = Path(env.str("JOURNAL_DIR", default=str(VAR_DIR / "journal")))
# Without a configured key every process start would end all sessions: fine for commands, loud for servers.
SECRET_KEY = env.str("SECRET_KEY", default="") or secrets.token_urlsafe(50)
SECRET_KEY_CONFIGURED = bool(env.str("SECRET_KEY", default=""))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")

INSTALLED_APPS = [
    "compliance.apps.ComplianceConfig",
    "compliance.keyring.apps.KeyringConfig",
    "members.apps.MembersConfig",
    "members.archive.apps.ArchiveConfig",
    "disclosures.apps.DisclosuresConfig",
    "compliance.apps.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "import_export",
]

MIDDLEWARE = [
    # Outermost, so that files, redirects to HTTPS and refusals carry the headers as well.
    "csp.middleware.CSPMiddleware",
    "compliance.middleware.SecurityHeadersMiddleware",
    "compliance.middleware.DeclaredCookiesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "compliance.restore.middleware.RestoreGuardMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "compliance.auth.middleware.StaffSecondFactorMiddleware",
    "members.middleware.SubjectMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "compliance.urls"
WSGI_APPLICATION = "compliance.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "compliance.context_processors.house",
            ],
        },
    },
]

DATABASES = {
    "default": database(env, "DATABASE_URL", VAR_DIR / "db" / "default.sqlite3"),
    "archive": database(env, "ARCHIVE_DATABASE_URL", VAR_DIR / "db" / "archive.sqlite3"),
    "keyring": database(env, "KEYRING_DATABASE_URL", VAR_DIR / "db" / "keyring.sqlite3"),
}
DATABASE_ROUTERS = ["compliance.routers.LabelRouter"]

AUTH_USER_MODEL = "compliance.Account"
AUTHENTICATION_BACKENDS = [
    "compliance.auth.backends.StaffBackend",
    "members.auth.MemberBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "compliance.auth.validators.StaffLengthValidator"},
    {"NAME": "compliance.auth.validators.RepetitionValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "admin:login"
PASSWORD_RESET_TIMEOUT = 30 * 60

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ko", _("Korean")), ("id", _("Indonesian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["compliance.formats"]
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

SECURE = env.bool("SECURE_COOKIES", default=not (DEBUG or DEMO))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_ENGINE = "compliance.auth.session_store"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # MIKMIK 15.4: cookies end with the browser.
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
CSRF_COOKIE_AGE = None
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # No words in cookies.
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=SECURE)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])  # Addresses that may speak for others.
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 21 * 1024 * 1024  # A file of 20 MB and its form.

DESTRUCTION_APPROVAL_ABOVE = env.int("DESTRUCTION_APPROVAL_ABOVE", default=100)  # Records.

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://127.0.0.1:1025")
EMAIL_HOST = EMAIL_CONFIG["EMAIL_HOST"]
EMAIL_PORT = EMAIL_CONFIG["EMAIL_PORT"]
EMAIL_HOST_USER = EMAIL_CONFIG["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = EMAIL_CONFIG["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=30)
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default="localhost.localdomain")

REDIS_URL = env.str("REDIS_URL", default="")
BROKER_DIR = VAR_DIR / "broker"
MAIL_BOX_DIR = VAR_DIR / "mail"
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "compliance.log.RedactFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["redact"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
