"""pystorm's components, unchanged, with fast input and output.

start.py is the way in. inbox.py reads many messages at once; outbox.py gathers
what the component says and writes it at once; serializers.py puts both in the
place of pystorm's serializers. How a message is written is in jsontext.py and
msgpackbytes.py, and how many are written as one in jsonpacks.py and msgpackpacks.py.
methods.py and loops.py stand in for what pystorm does for each tuple. overrides.py
knows which of it a component has replaced, and so what must be left to pystorm.
light.py imports less. pipes.py gives the protocol descriptors of its own, breakpoints.py
keeps debuggers from reading it, and unsendable.py fails the tuples whose emit cannot be sent.

Whatever is out of the ordinary (a value that JSON does not know, an emit that
waits for task ids, an error) goes through pystorm's own code, which is therefore
the definition of what all of this does.
"""
