/* The numbers of interface node (node.idl). */
#ifndef PROTO_NODES_H
#define PROTO_NODES_H

enum node_state {
        NODE_STATE_SELF = 1, /* the node that was asked */
        NODE_STATE_UP = 2,
        NODE_STATE_JOINING = 3, /* expected, not heard of so far */
        NODE_STATE_DEAD = 4,
};

/* What an outsider on the network can read of what nodes say. */
enum node_sealing {
        NODE_CLEAR = 0,  /* all of it */
        NODE_SEALED = 1, /* nothing */
        NODE_LOGGED = 2, /* nothing, but who has the key log all of it */
};

enum node_reference {
        NODE_EXPORT = 1, /* the peer holds a right to a port here */
        NODE_IMPORT = 2, /* this node holds a right to a port there */
};

#endif
