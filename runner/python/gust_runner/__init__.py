"""pystorm's components, unchanged, with fast input and output.

Start with start.py. inbox.py reads many messages at once; outbox.py collects the
component's messages and writes them at once; serializers.py replaces pystorm's
serializers by the two. jsontext.py and msgpackbytes.py encode a message, jsonpacks.py
and msgpackpacks.py combine many into one. methods.py and loops.py replace what pystorm
does for each tuple. overrides.py finds which of that a component has replaced itself,
and so what pystorm must do. light.py imports less. pipes.py gives the protocol its own
descriptors, breakpoints.py keeps debuggers from reading it, debugger.py is one that does
not, and unsendable.py fails the tuples whose emit cannot be sent.

Everything unusual (a value that JSON does not know, an emit that waits for task ids,
an error) goes through pystorm's own code, which therefore defines the behaviour.
"""
