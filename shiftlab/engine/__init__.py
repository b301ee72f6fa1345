"""When it is computed: the store, the latest-wins worker, long jobs (threads, no Qt)."""
