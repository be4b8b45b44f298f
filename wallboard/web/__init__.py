"""Pages, sockets and the HTTP interface of a web node."""
