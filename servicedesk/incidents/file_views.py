"""Files handed out: as downloads, so that nothing in them ever runs as a page of the desk."""

from __future__ import annotations

from flask import Blueprint, Response, request, send_file
from flask_login import current_user

from servicedesk.incidents import files
from servicedesk.incidents.models import Attachment
from servicedesk.people import access
from servicedesk.people.permissions import Act

blueprint = Blueprint("files", __name__)

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
HANDED_OUT_AS = IMAGES | {"application/pdf", "text/plain"}
HARMLESS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@blueprint.get("/files/<int:id>/<path:name>")
@access.requires(Act.SEE_INCIDENT)
def download(id: int, name: str) -> Response:
    """Hand out a file to who may see it; `?inline=1` shows a picture in its place."""
    file = files.open_for(current_user, id)
    return hand_out(file, inline=request.args.get("inline") == "1")


def hand_out(file: Attachment, *, inline: bool = False) -> Response:
    """Hand out a file to somebody who may see it, as a download or a picture."""
    inline = inline and file.media_type in IMAGES
    response = send_file(
        files.path_of(file),
        mimetype=files.UNKNOWN,
        as_attachment=not inline,
        download_name=file.name,
        etag=file.sha256,
        last_modified=file.added_at,
    )
    # said here: send_file would claim UTF-8 for a text that may be Shift_JIS
    known = file.media_type in HANDED_OUT_AS
    response.headers["Content-Type"] = file.media_type if known else files.UNKNOWN
    response.headers.update(HARMLESS)
    return response
