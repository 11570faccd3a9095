package library

// DescribeItem lets tests say which content version an item has: vCenter's simulator never
// raises it.
var DescribeItem = (*Catalogue).describe
