/* The smallest kernel: each work-item writes down who it is. */
//> who
kernel void who(global int *out)
{
	size_t group = get_group_id(0), item = get_local_id(0);
	size_t i = get_global_id(0); /* of all */
	out[3 * i] = group;
	out[3 * i + 1] = item;
	out[3 * i + 2] = group * get_local_size(0) + item;
}
//< who
