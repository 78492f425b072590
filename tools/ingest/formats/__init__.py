"""Read papers from the files that people have, whichever of the supported forms they are in."""

from tools.ingest.formats.file_form import FORMATS
from tools.ingest.formats.reader import BadRecord, ReadItem, ReadPaper, read_papers

__all__ = ["FORMATS", "BadRecord", "ReadItem", "ReadPaper", "read_papers"]
