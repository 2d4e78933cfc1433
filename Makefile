# Lockstep. `make help` lists what can be made. Adding a kernel, a lesson, a plot or a test edits nothing here.

# ---- knobs: make NAME=VALUE ------------------------------------------------------------------------------------------
B         ?= build
PREFIX    ?= /usr/local
BUDGET    ?=
VERSION   := 0.2.0
CC        ?= cc
OPT       ?= -O3
# also: ARCH=-march=native SAN=address|thread|undefined DEVELOPER=1 V=1 TESTS=FILE...

# ---- what this machine has: pkg-config and PATH, each overridden by HAVE_X=0 -----------------------------------------
REQUIRED  := ncursesw md4c jansson hwloc
pkg        = $(shell pkg-config --exists $(1) 2>/dev/null && echo 1 || echo 0)
prog       = $(shell command -v $(1) >/dev/null 2>&1 && echo 1 || echo 0)
PARTS     := PAPI:papi MPI:ompi-c OPENCL:OpenCL CURL:libcurl MICROHTTPD:libmicrohttpd URING:liburing
split      = $(subst :, ,$(1))
$(foreach p,$(PARTS),$(eval HAVE_$(firstword $(call split,$(p))) ?= $(call pkg,$(lastword $(call split,$(p))))))
NVCC      := $(firstword $(shell command -v nvcc) $(wildcard /usr/local/cuda/bin/nvcc))
HAVE_CUDA ?= $(if $(SAN),0,$(if $(NVCC),1,0))
OPTIONAL  := $(foreach p,$(PARTS),$(firstword $(call split,$(p)))) CUDA
PKGS      := $(foreach p,$(REQUIRED),$(if $(filter 1,$(call pkg,$(p))),$(p))) $(foreach p,$(PARTS),$(if $(filter 1,$(HAVE_$(firstword $(call split,$(p))))),$(lastword $(call split,$(p)))))
TOOLS     := $(CC) pkg-config gnuplot python3 prove tmux jq msgfmt

# ---- flags -----------------------------------------------------------------------------------------------------------
WARN      := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef
WARN      += $(if $(DEVELOPER),-Werror -Wconversion -Wno-sign-conversion -Wcast-qual)
SANFLAGS  := $(if $(SAN),-fsanitize=$(SAN) -g1 -fno-omit-frame-pointer -DSANITIZED) $(if $(filter thread,$(SAN)),-DSANITIZED_THREAD)
BUILDINFO := -DLOCKSTEP_VERSION='"$(VERSION)"' -DBUILD_FLAGS='"$(OPT) $(ARCH)"' $(foreach o,$(OPTIONAL),-DHAVE_$(o)=$(HAVE_$(o)))
override CPPFLAGS := $(CPPFLAGS) -D_GNU_SOURCE -I. $(BUILDINFO) $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
override CFLAGS   := $(CFLAGS) -std=gnu17 -g $(OPT) $(ARCH) -fopenmp -pthread -MMD -MP $(WARN) $(SANFLAGS)
override LDLIBS   := $(LDLIBS) $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm -lrt
Q         := $(if $(V),,@)

# ---- what there is to build: found by name, no list ------------------------------------------------------------------
obj        = $(patsubst %.c,$(B)/obj/%.o,$(1))
PROGRAMS  := $(wildcard */lockstep*.c */*/lockstep*.c)
cuda       = $(if $(filter 1,$(HAVE_CUDA)),$(1:%=$(B)/obj/%.o))
lib        = $(call obj,$(filter-out $(PROGRAMS),$(wildcard $(addsuffix /*.c,$(1))))) $(call cuda,$(wildcard $(addsuffix /*.cu,$(1))))
KERNELS   := $(call lib,kernels) $(call cuda,$(wildcard lessons/*/*/*.cu))
BINS      := $(foreach p,$(PROGRAMS),$(B)/$(basename $(notdir $(p))))
LESSONS   := $(wildcard lessons/*/*/lesson.c)
lesson_id  = $(shell basename $(dir $(1)) | sed 's/^[0-9]*-//')
LESSONBIN := $(foreach l,$(LESSONS),$(B)/lessons/$(call lesson_id,$(l)))
WORDS     := $(if $(filter 1,$(call prog,msgfmt)),$(patsubst tui/po/%.po,$(B)/locale/%/LC_MESSAGES/lockstep.mo,$(wildcard tui/po/*.po)))
TESTBIN   := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/t*.c))

.DELETE_ON_ERROR .SECONDARY:
.PHONY: all deps deps-peers deps-check peers tui check tests-built bench plots report install uninstall words clean help FORCE
all: $(BINS) $(LESSONBIN) $(LESSONBIN:%=%.json) $(WORDS) $(B)/compile  ## build everything into build/

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile .make/*.mk | expand -t 24
	@echo "knobs: B=$(B) PREFIX=$(PREFIX) BUDGET=$(BUDGET) OPT=$(OPT)"; sed -n 's/^# also: /       /p' Makefile
	@echo "parts: $(foreach o,$(OPTIONAL),HAVE_$(o)=$(HAVE_$(o)))"

# ---- set-up: nothing is done, and nothing touched, when all is there -------------------------------------------------
deps:  ## install the packages that Lockstep needs (apt-get; on other systems: print their names)
	@sh .make/deps.sh "$(TOOLS)" "$(REQUIRED)" "$(foreach p,$(PARTS),$(lastword $(call split,$(p))))"

deps-peers:  ## install what the peers need (kernels/peers)
	@sh .make/deps.sh peers

deps-check:  ## install what only the tests use: a browser, network tools, a batch system
	@sh .make/deps.sh check

tui:  ## set up, build and open the course
	@$(MAKE) -s deps && $(MAKE) -s -j2 all && exec $(B)/lockstep

tests-built: $(TESTBIN)
check:  ## set up, build and run all tests (TESTS=FILE... for some)
	@$(MAKE) -s deps deps-check && $(MAKE) -s -j2 all tests-built && B=$(B) prove $(if $(V),-v) --timer $(or $(TESTS),$(sort $(TESTBIN) $(wildcard tests/t*.sh)))

bench: peers  ## every kernel beside its peers, within BUDGET seconds (540), as one table
	$(Q)$(B)/lockstep peers all --reps 7 --budget $(or $(BUDGET),540) -o $(B)/bench.ndjson

peers: all  ## build what people would use instead, as far as it is installed
	@sh .make/peers.sh $(B) "$(CC)" "$(CXX)"

plots:  ## measure within BUDGET seconds (240), draw all charts into build/plots; PICTURES=data/pictures: those of the README, too
	@$(MAKE) -s deps && $(MAKE) -s -j2 all && sh .make/plots.sh $(B) $(or $(BUDGET),240) $(PICTURES)
report: ; @$(MAKE) -s deps && $(MAKE) -s -j2 all && sh .make/report.sh $(B)  ## the sample lab report into build/report, of lessons really run

# ---- rules: flags that change (config) rebuild all; a run's record names the commit it was built from ------------------
keep       = @mkdir -p $(@D) && echo '$(1)' | cmp -s - $@ || echo '$(1)' > $@
$(B)/config: FORCE
	$(call keep,$(CC) $(CPPFLAGS) $(CFLAGS) $(LDLIBS))
# How `lockstep build` compiles and links a changed copy of a lesson's program.
$(B)/compile: $(B)/config
	$(file >$@,$(CC) $(filter-out -I. -MMD -MP -Werror,$(CPPFLAGS) $(CFLAGS)))$(file >>$@,$(LDFLAGS) $(LDLIBS))
$(B)/commit: FORCE
	$(call keep,$(shell git describe --always --dirty 2>/dev/null))
$(B)/obj/kernels/bench/machine.o: DEFS = -DLOCKSTEP_COMMIT='"$(shell cat $(B)/commit)"'
$(B)/obj/kernels/bench/machine.o: $(B)/commit

$(B)/obj/%.o: %.c $(B)/config
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC $<")
	$(Q)$(CC) $(CPPFLAGS) $(DEFS) $(CFLAGS) -c -o $@ $<

$(B)/lib%.a:
	@mkdir -p $(@D) && rm -f $@
	$(Q)ar rcs $@ $^
$(B)/libkernels.a: $(KERNELS)
$(B)/libbase.a: $(call lib,kernels/bench kernels/runtime)
$(B)/libcourse.a: $(call lib,lessons)
$(B)/libscreen.a: $(call lib,tui)
$(B)/libpaper.a: $(call lib,plots)
LIBS      := $(addprefix $(B)/lib,screen.a paper.a course.a base.a)
link       = @mkdir -p $(@D); $(if $(Q),echo "  LD $@";) $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
             -Wl,--as-needed -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)

$(B)/lockstep-bench $(B)/lockstep-peers: $(KERNELS)  # every kernel, found in the section "kernels"
define program_rule
$(B)/$(basename $(notdir $(1))): $(call obj,$(1)) $(LIBS)
	$$(link)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(p))))

define lesson_rule
$(B)/lessons/$(call lesson_id,$(1)): $(call obj,$(1)) $(B)/libcourse.a $(B)/libkernels.a $(B)/libbase.a
	$$(link)
$(call obj,$(1)): DEFS = -DLESSON_DIR='"$(patsubst %/,%,$(dir $(1)))"'
$(B)/lessons/$(call lesson_id,$(1)).json: $(wildcard $(dir $(1))*.md)
endef
$(foreach l,$(LESSONS),$(eval $(call lesson_rule,$(l))))
$(B)/lessons/%.json: $(B)/lessons/%
	$(Q)$< --describe > $@

$(B)/tests/%: $(B)/obj/tests/%.o $(KERNELS) $(LIBS)
	$(link)

include .make/gpu.mk  # CUDA and OpenCL: how their sources are built; gpu-check

$(B)/locale/%/LC_MESSAGES/lockstep.mo: tui/po/%.po
	@mkdir -p $(@D) && msgfmt -o $@ $<
words: all  ## take new texts of the source into the catalogues of translations (tui/po)
	$(Q)sh .make/words.sh $(B) update

# ---- install ---------------------------------------------------------------------------------------------------------
install: all  ## install under PREFIX (DESTDIR for packagers)
	$(Q)sh .make/install.sh $(B) "$(DESTDIR)$(PREFIX)" "$(BINS)" "$(LESSONBIN)"

uninstall:  ## remove what install put there
	$(Q)sh .make/install.sh $(B) "$(DESTDIR)$(PREFIX)" remove

clean:  ## remove build/
	$(Q)rm -rf $(B)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
