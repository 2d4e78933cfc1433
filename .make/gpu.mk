# CUDA and OpenCL: how their sources are built. Found by name, as all else: a .cu beside a kernel or a lesson, a .cl whose text the .c of the
# same name holds (OPENCL_SOURCE in kernels/runtime/opencl.h).

# Machine code for two generations, and PTX, which drivers compile for those to come. The runtime is linked statically: a program starts
# without a driver.
NVFLAGS   := -std=c++17 -O3 -lineinfo -MMD -MP -Xcompiler -Wall,-Wextra,-fno-exceptions
NVFLAGS   += $(foreach a,80 90,-gencode arch=compute_$(a),code=[sm_$(a),compute_$(a)])
ifeq ($(HAVE_CUDA),1)
override LDLIBS   += $(patsubst %,-L$(dir $(realpath $(NVCC)))../%,lib64 lib) -lcudart_static -ldl -lpthread -lstdc++
endif

$(foreach c,$(wildcard kernels/*.cl kernels/*/*.cl),$(eval $(B)/obj/$(c:.cl=.o): $(c)))
$(foreach l,$(LESSONS),$(eval $(call obj,$(l)): $(wildcard $(dir $(l))*.cl)))

$(B)/obj/%.cu.o: %.cu $(B)/config
	@mkdir -p $(@D)
	$(if $(Q),@echo "  NVCC $<")
	$(Q)$(NVCC) -I. -D_GNU_SOURCE $(filter -DHAVE_%,$(CPPFLAGS)) $(filter -DSANITIZED%,$(SANFLAGS)) $(NVFLAGS) -c -o $@ $<

# The lessons' own files come along for their kernels: the first main counts, and what else they call has a stand-in there.
.PHONY: gpu-check
gpu-check: $(B)/tests/gpu_check  ## build and test what runs on a GPU, with nothing but gcc, nvcc and make
	$(Q)$<
$(B)/tests/gpu_check: $(B)/obj/tests/gpu_check.o $(call obj,$(filter lessons/7-gpu/%,$(LESSONS))) $(KERNELS) $(B)/libruntime.a
	$(link) -Wl,-z,muldefs
$(B)/libruntime.a: $(filter-out $(B)/obj/kernels/runtime/ranks%,$(call lib,kernels/runtime))  # without MPI and its records
