"""Films and sounds, by PyAV (FFmpeg's libraries): what is served of one, and its still.

    playing.py      the story of one file: opened, held to limits, copied, looked at
    copying.py      the served file: the same packets in a container that holds nothing else
    fast_start.py   an MP4's index before its pictures, so that playing begins at once
    looking.py      what stands for it before it is played: one of the next two, or its cover
    still.py        the first picture of a film
    waveform.py     a sound without a cover, drawn

Nothing here is loaded into the writer, nor into a process that reads pictures: PyAV takes 60 ms of
a processor and 110 MB of address space, which those do not pay for. `process.py` loads it into the
process for a film, before that is confined (decision 0040).
"""
