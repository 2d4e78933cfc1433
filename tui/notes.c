#include "tui/notes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"

static bool in_text(const struct notes *n, const struct thought *t)
{
	return n->text && t->step >= 0 && t->step < n->text->count && t->piece >= 0 && t->piece < n->text->steps[t->step].count &&
	       t->choice < n->text->steps[t->step].pieces[t->piece].choice_count;
}

static void read_text(struct notes *n)
{
	const char *language = n->letters_ascii ? "en" : n->language ? n->language : n->state.language;
	words_language(language);
	if (n->text && !strcmp(n->text_dir, n->state.dir) && !strcmp(n->text_language, language))
		return;
	text_free(n->text);
	thoughts_free(&n->thoughts);
	n->text = text_load(n->state.dir, language);
	if (!n->text)
		n->text = text_load(n->state.dir, "en");
	snprintf(n->text_dir, sizeof(n->text_dir), "%s", n->state.dir);
	snprintf(n->text_language, sizeof(n->text_language), "%s", language);
	if (n->text)
		thoughts_cut(&n->thoughts, n->text);
}

bool notes_read(struct notes *n)
{
	struct share_state s;
	bool alive;
	int count;
	bool known = share_newest(&s, &alive, &count);
	/* Gone as it should, it leaves nothing behind: then nothing is known any more. */
	if (known == n->known && alive == n->alive && count == n->count && (!known || !memcmp(&s, &n->state, sizeof(s))))
		return false;
	n->known = known;
	n->alive = alive;
	n->count = count;
	if (known) {
		n->state = s;
		read_text(n);
	}
	return true;
}

void notes_free(struct notes *n)
{
	text_free(n->text);
	thoughts_free(&n->thoughts);
	*n = (struct notes){0};
}

int64_t notes_step_ms(const struct notes *n) { return n->state.spent + program_now() - n->state.step_began; }
int64_t notes_lesson_ms(const struct notes *n) { return program_now() - n->state.began; }

void notes_clock(const struct notes *n, int64_t ms, int least, int most, char *buf, size_t size)
{
	long seconds = ms < 0 ? 0 : (long)(ms / 1000);
	int used = snprintf(buf, size, seconds >= 3600 ? "%ld:%02ld:%02ld" : "%.0ld%ld:%02ld", seconds / 3600, seconds / 60 % 60, seconds % 60);
	if (used < 0 || (size_t)used >= size || most <= 0)
		return;
	if (least == most)
		snprintf(buf + used, size - (size_t)used, _(" of %d min"), most);
	else
		snprintf(buf + used, size - (size_t)used, _(" of %d%s%d min"), least, n->ascii ? "-" : "–", most);
}

bool notes_plan(const struct notes *n, int *step_least, int *step_most, int *least, int *most)
{
	int before_least, before_most, upto_least, upto_most;
	*step_least = *step_most = *least = *most = 0;
	if (!n->text || !thought_minutes(n->text, n->text->count, least, most))
		return false;
	thought_minutes(n->text, n->state.now.step, &before_least, &before_most);
	thought_minutes(n->text, n->state.now.step + 1, &upto_least, &upto_most);
	*step_least = upto_least - before_least;
	*step_most = upto_most - before_most;
	return true;
}

static bool same(const struct thought *a, const struct thought *b)
{
	return a->kind == b->kind && a->step == b->step && a->piece == b->piece && a->choice == b->choice;
}

void notes_where(const struct notes *n, char *buf, size_t size)
{
	const struct share_state *s = &n->state;
	int at = 0, count = 0;
	for (int i = 0; i < n->thoughts.n; i++) {
		if (n->thoughts.v[i].step != s->now.step)
			continue;
		count++;
		if (same(&n->thoughts.v[i], &s->now))
			at = count;
	}
	if (s->pages > 1)
		snprintf(buf, size, _("step %d/%d, thought %d/%d, page %d/%d"), s->now.step + 1, n->text ? n->text->count : 0, at, count,
			 s->page + 1, s->pages);
	else
		snprintf(buf, size, _("step %d/%d, thought %d/%d"), s->now.step + 1, n->text ? n->text->count : 0, at, count);
}

static void gap(struct rich *r)
{
	if (r->n > 0 && r->v[r->n - 1].count > 0)
		rich_line(r);
}

void notes_now(const struct notes *n, struct rich *r)
{
	const struct share_state *s = &n->state;
	char words[400], line[600];
	if (!n->alive) {
		snprintf(line, sizeof(line), _("The presentation has ended without a word: its process %d is gone. This is what it showed last."), s->pid);
		rich_words(r, "! ", ROLE_BAD, line, ROLE_BAD);
	}
	if (n->count > 1) {
		snprintf(line, sizeof(line), ngettext("%d presentation is going on: these are the notes of the newest.",
			 "%d presentations are going on: these are the notes of the newest.", (unsigned long)n->count), n->count);
		rich_words(r, "! ", ROLE_WARN, line, ROLE_WARN);
	}
	if (n->alive && s->blank)
		rich_words(r, "! ", ROLE_WARN, _("The screen is blank: any key brings it back."), ROLE_WARN);
	if (n->alive && s->command[0]) {
		snprintf(line, sizeof(line), _("A run is live: %s"), s->command);
		rich_words(r, "! ", ROLE_EMPHASIS, line, ROLE_EMPHASIS);
	}
	if (n->alive && s->unlocked)
		rich_words(r, "! ", ROLE_WARN, _("Unlocked: questions can be passed (k locks)."), ROLE_WARN);
	if (!in_text(n, &s->now)) {
		rich_words(r, "", ROLE_WARN, _("The text of this lesson can't be read here."), ROLE_WARN);
		return;
	}
	thought_words(n->text, &s->now, 200, words, sizeof(words));
	rich_words(r, n->ascii ? "> " : "▶ ", ROLE_GOOD, words, ROLE_BOLD);
	if (s->page + 1 < s->pages) {
		rich_words(r, _("next: "), ROLE_DIM, _("more of this"), ROLE_DIM);
	} else if (in_text(n, &s->next)) {
		thought_words(n->text, &s->next, 200, words, sizeof(words));
		rich_words(r, _("next: "), ROLE_DIM, words, ROLE_DIM);
	} else {
		rich_words(r, _("next: "), ROLE_DIM, _("the end of the lesson"), ROLE_DIM);
	}
}

/* What experience says of a first vote: with too few right, nobody can convince anybody; with most right, it is boring.
 * Crouch and Mazur, Am. J. Phys. 69, 970 (2001), give 35 % and 70 % as the limits. */
static const char *advice(const struct ballot *b, const struct piece *p)
{
	int right = 0, total = ballot_total(b, 0);
	for (int i = 0; i < p->choice_count && i < BALLOT_OPTIONS; i++)
		right += p->choices[i].right ? b->count[0][i] : 0;
	if (total == 0 || b->round > 0 || b->revealed)
		return NULL;
	double share = (double)right / total;
	return share < 0.35 ? _("Few are right: a hint or another example, then vote again (V).")
	       : share <= 0.7 ? _("Let neighbours convince each other, then vote again (V).")
			      : _("Most are right: show the answer (x) and go on.");
}

static void votes(const struct notes *n, struct rich *r, const struct piece *p)
{
	const struct ballot *b = &n->state.ballot;
	for (int i = 0; i < p->choice_count; i++) {
		char head[32];
		bool right = p->kind == PIECE_QUIZ && p->choices[i].right;
		snprintf(head, sizeof(head), "%s%c) ", right ? (n->ascii ? "+ " : "✓ ") : "  ", 'a' + i);
		rich_words(r, head, right ? ROLE_GOOD : ROLE_KEY, p->choices[i].text, right ? ROLE_GOOD : ROLE_PLAIN);
		if (b->step >= 0)
			ballot_bars(r, b, p->choice_count, i, 2, n->ascii);
	}
}

static void quiz(const struct notes *n, struct rich *r, const struct piece *p)
{
	const struct ballot *b = &n->state.ballot;
	const char *todo = b->step >= 0 ? advice(b, p) : NULL;
	votes(n, r, p);
	if (todo)
		rich_words(r, n->ascii ? "> " : "▸ ", ROLE_EMPHASIS, todo, ROLE_EMPHASIS);
	for (int i = 0; i < p->choice_count; i++) {
		char head[32];
		if (!p->choices[i].why && !p->choices[i].run)
			continue;
		gap(r);
		snprintf(head, sizeof(head), "%c: ", 'a' + i);
		rich_line(r);
		rich_part(r, p->choices[i].right ? ROLE_GOOD : ROLE_KEY, head);
		if (p->choices[i].why)
			rich_markdown(r, p->choices[i].why, 3, ROLE_PLAIN);
		if (p->choices[i].run)
			rich_words(r, "   $ ", ROLE_KEY, p->choices[i].run, ROLE_CODE);
	}
}

void notes_question(const struct notes *n, struct rich *r)
{
	const struct share_state *s = &n->state;
	if (!in_text(n, &s->now))
		return;
	const struct piece *p = thought_piece(n->text, &s->now);
	switch (p->kind) {
	case PIECE_QUIZ:
		gap(r);
		rich_words(r, "", ROLE_HEADING, s->ballot.revealed ? _("Answer (shown)") : _("Answer (hidden: x shows it)"), ROLE_HEADING);
		quiz(n, r, p);
		break;
	case PIECE_ORDER:
		gap(r);
		rich_words(r, "", ROLE_HEADING, s->ballot.revealed ? _("Answer (shown)") : _("Answer (hidden: x shows it)"), ROLE_HEADING);
		for (int i = 0; i < p->choice_count; i++)
			if (p->choices[i].right)
				rich_words(r, "  ", ROLE_KEY, p->choices[i].text, ROLE_CODE);
		if (p->why)
			rich_markdown(r, p->why, 0, ROLE_PLAIN);
		break;
	case PIECE_PREDICT:
		if (s->ballot.step < 0 && p->choice_count == 0)
			break;
		gap(r);
		rich_words(r, "", ROLE_HEADING, _("Guesses"), ROLE_HEADING);
		if (p->choice_count > 0)
			votes(n, r, p);
		else
			ballot_spread(r, &s->ballot, p->unit ? p->unit : "", NAN, n->ascii);
		break;
	default:
		break;
	}
}

void notes_votes(const struct notes *n, char *buf, size_t size)
{
	const struct ballot *b = &n->state.ballot;
	size_t used = 0;
	buf[0] = '\0';
	if (!in_text(n, &n->state.now) || b->step < 0)
		return;
	const struct piece *p = thought_piece(n->text, &n->state.now);
	for (int r = 0; r <= b->round && p->choice_count > 0 && ballot_total(b, 0) > 0; r++) {
		used += (size_t)snprintf(buf + used, size - used, "%s", r == 0 ? _("votes:") : _("; second vote:"));
		for (int i = 0; i < p->choice_count && i < BALLOT_OPTIONS && used < size; i++)
			used += (size_t)snprintf(buf + used, size - used, " %c %d", 'a' + i, b->count[r][i]);
		if (used >= size)
			return;
	}
	if (b->revealed)
		snprintf(buf + used, size - used, "%s%s", used ? "; " : "", _("the answer is shown"));
}

void notes_block(const struct notes *n, struct rich *r)
{
	char line[100];
	bool any = false;
	if (!in_text(n, &n->state.now))
		return;
	const struct step *step = &n->text->steps[n->state.now.step];
	for (int i = 0; i < step->count; i++) {
		const struct piece *p = &step->pieces[i];
		if (p->kind != PIECE_NOTES)
			continue;
		gap(r);
		if (p->minutes_min == p->minutes_max)
			snprintf(line, sizeof(line), _("Notes, %d min"), p->minutes_max);
		else
			snprintf(line, sizeof(line), _("Notes, %d%s%d min"), p->minutes_min, n->ascii ? "-" : "–", p->minutes_max);
		rich_words(r, "", ROLE_HEADING, line, ROLE_HEADING);
		rich_markdown(r, p->markdown ? p->markdown : "", 0, ROLE_PLAIN);
		any = true;
	}
	if (!any) {
		gap(r);
		rich_words(r, "", ROLE_DIM, _("This step has no notes."), ROLE_DIM);
	}
}
