// Package peer is the protocol between the workers of one topology: what two workers say
// to each other over one connection, as types that know nothing of sockets and clocks. So
// tests can play it with every order of events and every fault (the files *_model_test.go).
//
// # Trees over several workers
//
// Storm's acker XORs random ids, because tuples of one tree come from many workers in any
// order. gust's acker counts open tuples, which is cheaper, but a count needs all its tuples
// in one place. With several workers it stays local nevertheless, by the algorithm of
// Dijkstra and Scholten for the end of a diffusing computation.
//
// A tuple for a task of another worker takes a slot in the flight of that task's stub, as it
// would take one in a bolt's flight, and the slot counts in the trees of the tuple. The other
// worker plants a proxy for the slot, a tree of its own, and gives the tuple to its bolt with
// the proxy as the tree. What the bolt emits there counts in the proxy. When the proxy ends,
// its worker sends ACK or FAIL for the slot, and only then does the sender's count fall. So
// every count has all its tuples in one process, nothing can overtake anything, and no order
// of messages between different workers matters: a tree cannot be acked too early, because
// the slot that stands for all that happened elsewhere is open until the answer comes.
//
// # Answers belong to one connection
//
// The id of a slot, a proxy, a credit, a mark, READY: everything that two workers have agreed
// on belongs to the connection on which they did, and ends with it. When it is lost, the
// receiver forgets its proxies, and the sender fails the slots that it has written; a tuple
// that it has not written keeps its slot, and goes out over the next connection. No id is
// ever looked up on another connection. Otherwise an answer that was late, or one to a worker
// that has restarted in the meantime, would end a slot that now belongs to another tuple.
//
// A pair of workers has one connection. The lower number dials. The acceptor takes a new
// connection in place of the old one only if its (incarnation, number) is higher
// ([Identity.Newer]), and loses the old one first.
//
// # Cycles
//
// On a cyclic edge, each hop to another worker would plant a proxy that waits for the next
// hop's: a thousand rounds of a cycle over two workers would leave two thousand proxies, and
// the last ack would travel back through all of them. Elsewhere the depth of the graph bounds
// the chain. So on a cyclic edge a slot carries the [Entry] with which the tuple came into
// the cycle: the tree or proxy of the worker where it entered. A worker that owns that entry,
// or has a live proxy for it, is engaged: it counts the tuple there, and then acknowledges
// the hop at once. In that order, or the count could fall to zero in between. If the owner's
// entry has ended, the tuple belongs to no tree any more. Others plant a proxy and map it
// ([Entries]); the map forgets a proxy that has ended or that went with its connection.
//
// # Credits and marks
//
// A worker always reads its connections, since acks come among the tuples. What limits the
// tuples is credit, in bytes and per task ([Account], [Debt]). A tuple may overdraw the
// account, or one that is larger than the window would wait forever. Each byte returns once,
// when it has left the task's queue in whatever way, and what is less than a quarter of the
// window returns when the queue is empty, or a sender could wait for it forever.
//
// OVER and UNDER say that a task's queue is over its first mark as one worker sees it, so that
// spouts elsewhere are not asked ([Marks], [Telling]). They are states and not counts: a loss
// clears them, and a new connection begins with those that hold. WANT says that spouts wait.
//
// # The end
//
// A worker that has nothing left to do claims so, with the numbers of tuples that it has sent
// and received on each connection ([Claim]). The topology is over when the claims agree in
// pairs ([Agree]).
//
// A worker that ends alone says LEAVING when nobody waits for its answers, and goes when each
// other has said FAREWELL behind its last tuple. If a tuple came in between, and what became of it
// waits elsewhere for this worker, it takes LEAVING back with STAYING. Where all are to end
// alone (WITHDRAWING), they end together, by claims.
//
// # Frames
//
// A frame is a byte with its kind, the length of its body as a uvarint, and the body. Numbers
// are uvarints, a string is its length and its bytes, digests and nonces are as long as they
// are, and "rest" is what is left of the body.
//
//	HELLO      version, program, worker, topology, digest, placement's version and digest,
//	           incarnation, connection, to which worker, nonce; the acceptor's: proof
//	PROOF      proof
//	REFUSED    reason, text, hint as the rest
//	TUPLE      task, emitting task, input, 4 × slots (+ 1 if they have entries, + 2 if the tuple
//	           is traced), slots, values as the rest. A slot is an id, and with an entry: incarnation, worker, index,
//	           generation
//	PIECE      1 in the last one, else 0; the kind in the first; a part of the body as the rest
//	ACK        task, id
//	FAIL       task, id, reason (a byte), failing task or 0, about the tuple as the rest
//	HOPS       task, id, about what became of the tuple as the rest
//	OVER       task
//	UNDER      task
//	WANT       task
//	CREDIT     task, bytes, tuples taken, share of the window in tuples
//	TASK UP    task
//	TASK DOWN  task
//	READY
//	FROZEN     how many tasks are at a breakpoint
//	WHO        question, task, id
//	HELD       question, task or 0, nanoseconds, about the tuple as the rest
//	STOP
//	DRAINED    1 if idle, + 2 if all agree (a byte), how many workers, for each: incarnation
//	           and number of the connection, tuples sent, tuples received
//	WITHDRAWING
//	LEAVING
//	FAREWELL
//	STAYING
//	PLACEMENT  the placement as the rest
//	PING
//
// Tuples wait in one queue and all other frames in another, which goes first. So what says
// how a task or a tuple fares may overtake tuples; tuples for a task keep their order. A
// large tuple goes in pieces of 256 KiB, between which other frames go. FAREWELL follows the
// tuples, since it means that no more will come.
//
// # Versions
//
// Every change of a frame, or of what it means, raises [Version], and workers of two versions
// refuse each other: a topology is stopped and started with a new gust. So the protocol needs
// no options and no unknown kinds, and can change at any time. Only what a refusal takes can
// never change: the form of a frame, the kinds of HELLO and REFUSED, the body of REFUSED, and
// the first three fields of HELLO.
package peer
