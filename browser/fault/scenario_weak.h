#pragma weak toxics_place
#pragma weak toxics_remove
#pragma weak toxic_order_parse
