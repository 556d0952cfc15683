"""What the owner of a postmortem is told when it could not be put where it should stand."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Exporting:
    """English."""

    failed: str = (
        "{document} ({title}) does not stand at {connection}: {why} It is not tried again by itself. Once that is "
        "mended: tocsin postmortem export {document} --to {connection}"
    )


TURKISH = Exporting(
    failed=(
        "{document} ({title}) {connection} hedefine konulamadı: {why} Kendiliğinden yeniden denenmez. Sorun "
        "giderilince: tocsin postmortem export {document} --to {connection}"
    ),
)
