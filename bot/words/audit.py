"""What is said above checkpoints of the log; they themselves are the same in every language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Audit:
    """English."""

    posted: str = (
        "Checkpoints of the log, kept here because nobody can change them here. Saved into a file as they are, "
        "`tocsin audit verify --checkpoints FILE` holds the log against them:"
    )


TURKISH = Audit(
    posted=(
        "Günlüğün denetim noktaları; burada kimse değiştiremeyeceği için burada dururlar. Oldukları gibi bir dosyaya "
        "kaydedilirse `tocsin audit verify --checkpoints DOSYA` günlüğü bunlarla karşılaştırır:"
    ),
)
