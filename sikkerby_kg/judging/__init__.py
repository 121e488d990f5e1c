"""Content, and files of strangers, held against the shapes in processes that can be killed.

From the bottom up:

- ``judgement``: a report as the server gets it, and how it crosses the border
- ``bench``: what judging needs in memory, and judging itself
- ``process``: the process that loads it once and forks a process for each judgement
- ``judges``: the same as the server sees it, with limits

A process serves one judgement, can do nothing but answer (``workers.confinement``), and then ends: nothing of
a stranger's file is kept.
"""

from sikkerby_kg.judging.judgement import Document, Finding, Judgement, Report, Spot
from sikkerby_kg.judging.judges import Judges, limits_of

__all__ = ["Document", "Finding", "Judgement", "Judges", "Report", "Spot", "limits_of"]
