"""What goes wrong, written down as the access log is: one JSON object a line, nothing else between."""

import json
import logging
from datetime import UTC, datetime


class Lines(logging.Formatter):
    """Makes one line of JSON of what is logged; a traceback stands in it, its line ends escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, message and, if there is one, exception."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told)


def as_json() -> None:
    """Let everything that this process logs be such lines. To be called by the one who owns the process."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler])
