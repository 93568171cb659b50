"""A merchant's certificate of Apple, as the files that Apple and Keychain give."""

from typing import Any

from django import forms

from thereafter.kit import passes
from thereafter.kit.passes import BadCertificate, Signer

MOST_BYTES = 64 * 1024


class CertificateForm(forms.Form):
    """Cleaned, it has the `signer`."""

    certificate = forms.FileField(
        label="Certificate and key",
        help_text="The .p12 file that Keychain exports for your pass type, or a .pem file with both.",
        widget=forms.FileInput(attrs={"accept": ".p12,.pfx,.pem"}),
    )
    password = forms.CharField(
        label="Password of that file",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    issuer = forms.FileField(
        label="Apple's intermediate certificate",
        help_text="Worldwide Developer Relations, the one that signed yours, as Apple gives it (.cer or .pem).",
        widget=forms.FileInput(attrs={"accept": ".cer,.pem,.crt"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("certificate") and given.get("issuer"):
            try:
                given["signer"] = self._signer(given)
            except BadCertificate as wrong:
                raise forms.ValidationError(str(wrong)) from None
        return given

    def _signer(self, given: dict[str, Any]) -> Signer:
        if max(given["certificate"].size, given["issuer"].size) > MOST_BYTES:
            raise BadCertificate("These files are too long to be certificates.")
        return passes.signer(given["certificate"].read(), given["password"], given["issuer"].read())
