"""Photos at the door: taken in before anything else, and kept when the form must be shown again.

Looked at here: how many, how large, whether the first bytes are a photo's. Decoding is the
worker's. What was taken in is remembered in a signed field of the form, so that nobody has to
choose a photo twice and nobody can name another's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from dispatch.gateways import gateways
from dispatch.models.policy_in_force import policy_in_force
from dispatch.rules.photo_signature import HEAD_BYTES, looks_like_a_photo
from dispatch.rules.problems import FieldProblem, Refused, TryLater
from dispatch.web.report_form import PhotoShown

MOST_LABEL = 60


@dataclass(frozen=True)
class TakenPhotos:
    """The photos that are here, in order, and what was wrong with the others."""

    kept: tuple[PhotoShown, ...]
    problems: tuple[FieldProblem, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(photo.name for photo in self.kept)

    def signed(self, form_key: str) -> str:
        """The hidden field; good for this form only."""
        if not self.kept:
            return ""
        return _signer(form_key).dumps([[photo.name, photo.label] for photo in self.kept])


def take_photos(
    uploads: Sequence[FileStorage], signed: str, dropped: Sequence[str], form_key: str
) -> TakenPhotos:
    """The photos of this try and of the tries before it, without those that were taken away."""
    kept = [photo for photo in _kept_before(signed, form_key) if photo.name not in dropped]
    problems: list[FieldProblem] = []
    most = policy_in_force().photos_per_report
    for upload in uploads:
        if not upload.filename:
            continue
        if len(kept) >= most:
            problems.append(FieldProblem("photo", "too_many_photos", {"most": most}))
            break
        taken = _take(upload)
        if isinstance(taken, FieldProblem):
            problems.append(taken)
        elif taken.name not in {photo.name for photo in kept}:
            kept.append(taken)
    return TakenPhotos(tuple(kept), tuple(problems))


def photos_not_taken() -> TakenPhotos:
    """None were taken in; whoever sent some is told to choose them again."""
    sent = any(upload.filename for upload in request.files.getlist("photo"))
    return TakenPhotos((), (FieldProblem("photo", "photos_not_taken"),) if sent else ())


def _take(upload: FileStorage) -> PhotoShown | FieldProblem:
    label = (upload.filename or "")[-MOST_LABEL:]
    limit = policy_in_force().photo_megabytes * 1024 * 1024
    head = upload.stream.read(HEAD_BYTES)
    upload.stream.seek(0)
    if not looks_like_a_photo(head):
        return FieldProblem("photo", "unknown_format", {"name": label})
    try:
        name = gateways().photo_store.put_incoming(upload.stream, limit)
    except Refused:
        return FieldProblem("photo", "too_large", {"name": label, "limit_bytes": limit})
    except TryLater:
        return FieldProblem("photo", "store_full")
    return PhotoShown(name, label)


def _kept_before(signed: str, form_key: str) -> list[PhotoShown]:
    if not signed:
        return []
    try:
        pairs = _signer(form_key).loads(signed)
    except BadData:
        return []
    return [PhotoShown(str(name), str(label)) for name, label in pairs]


def _signer(form_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=f"kept-photos-{form_key}")
