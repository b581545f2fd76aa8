"""One flag for the whole process: a job looks at it between two pieces of work and leaves early."""

import threading

stopping = threading.Event()
