/** Joins the use cases to their addresses: which router answers what, in which order. */
