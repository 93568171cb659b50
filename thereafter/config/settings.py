"""One settings file, read from the environment. docs/operations.md explains each variable."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("THEREAFTER_VAR", ROOT / "var"))

DEBUG = os.environ.get("THEREAFTER_DEBUG") == "1"
PUBLIC_URL = os.environ.get("THEREAFTER_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}").rstrip("/")
ALLOWED_HOSTS = os.environ.get("THEREAFTER_HOSTS", "*").split(",")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]


def _secret_key() -> str:
    """THEREAFTER_SECRET_KEY, or one made at first start and kept beside the database."""
    given = os.environ.get("THEREAFTER_SECRET_KEY")
    if given:
        return given
    kept = VAR / "secret_key"
    if not kept.exists():
        VAR.mkdir(parents=True, exist_ok=True, mode=0o700)
        mine = kept.with_name(f"secret_key.{os.getpid()}")
        mine.touch(mode=0o600)
        mine.write_text(os.urandom(32).hex())
        # Of two processes that start together the first one's key holds.
        with suppress(FileExistsError):
            os.link(mine, kept)
        mine.unlink()
    return kept.read_text().strip()


SECRET_KEY = _secret_key()


def database(url: str) -> dict[str, Any]:
    """sqlite:///path or postgresql://user:password@host:port/name?options, as Django wants it."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path.removeprefix("/")),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;"
                "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;",
            },
        }
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.removeprefix("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL") or f"sqlite:////{VAR / 'thereafter.db'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The minimum that lets a big UPDATE ... WHERE id IN (...) through on SQLite.
assert sqlite3.sqlite_version_info >= (3, 35), "Thereafter needs SQLite 3.35 or newer"  # noqa: S101 without it nothing would work later

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",
    "thereafter.timeline",
    "thereafter.stores",
    "thereafter.console",
    "thereafter.commerce",
    "thereafter.storefront",
    "thereafter.messaging",
    "thereafter.journeys",
    "thereafter.tracking",
    "thereafter.feedback",
    "thereafter.loyalty",
    "thereafter.recommendations",
    "thereafter.insights",
    "thereafter.campaigns",
    "thereafter.returns",
    "thereafter.demo",
    "thereafter.kit",
    "thereafter.config",
]
AUTH_USER_MODEL = "stores.Staff"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

MIDDLEWARE = [
    "thereafter.kit.http.PlainCookies",
    "thereafter.kit.http.PlainPaths",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "thereafter.stores.middleware.OwnDomain",
    "thereafter.kit.http.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "thereafter.config.urls"
WSGI_APPLICATION = "thereafter.config.wsgi.application"
TEMPLATES = [
    # Only for what libraries bring (the API's docs page); ours name their engine.
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "DIRS": [], "OPTIONS": {}},
    {
        "BACKEND": "thereafter.kit.pages.Pages",
        "NAME": "jinja2",
        "APP_DIRS": True,
        "DIRS": [],
        "OPTIONS": {"environment": "thereafter.kit.pages.environment"},
    },
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español"), ("pt", "Português")]
LOCALE_PATHS = [ROOT / "thereafter" / "storefront" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
# WhiteNoise warns of a folder that is not there, and our tests take warnings for errors.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LOGIN_URL = "console:sign_in"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "thereafter.config.errors.forged"
# Set this when a proxy of yours stands in front: then it says who asked, and whether by https.
BEHIND_PROXY = os.environ.get("THEREAFTER_BEHIND_PROXY") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# smtp://user:password@host:port, smtps:// or null: (renders, sends nothing).
MAIL_URL = os.environ.get("THEREAFTER_MAIL", "null:")

# An account with Twilio or with whoever speaks its language; without one no text message is offered.
SMS_ACCOUNT = os.environ.get("THEREAFTER_SMS_ACCOUNT", "")
SMS_TOKEN = os.environ.get("THEREAFTER_SMS_TOKEN", "")
SMS_FROM = os.environ.get("THEREAFTER_SMS_FROM", "")
SMS_URL = os.environ.get("THEREAFTER_SMS_URL", "https://api.twilio.com")
# Hosts of push services beside those of the browsers' makers.
PUSH_HOSTS = [host for host in os.environ.get("THEREAFTER_PUSH_HOSTS", "").split(",") if host]
# Whether webhooks and services that merchants name may be in this server's own network.
PRIVATE_HOOKS = os.environ.get("THEREAFTER_PRIVATE_HOOKS") == "1"

# The demo's pages (John's story, the local mail page) exist only where this is set; `thereafter demo` sets it.
DEMO = os.environ.get("THEREAFTER_DEMO") == "1"
DEMO_SELF_URL = os.environ.get("THEREAFTER_DEMO_SELF_URL", PUBLIC_URL)

# Where figures are counted: duckdb inside our own process, clickhouse://host:8123/database or spark://host:7077.
FIGURES_ENGINE = os.environ.get("THEREAFTER_ENGINE", "duckdb")
# The copy of orders and log that they are counted on; what DuckDB may take of this machine.
FIGURES_FOLDER = Path(os.environ.get("THEREAFTER_FIGURES", VAR / "insights"))
FIGURES_MEMORY = os.environ.get("THEREAFTER_ENGINE_MEMORY", "1GB")
FIGURES_THREADS = int(os.environ.get("THEREAFTER_ENGINE_THREADS", "2"))

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("THEREAFTER_LOG", "WARNING")},
}
