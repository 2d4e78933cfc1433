#!/usr/bin/env python3
"""Texts of tui/*.c that people see, but that are not marked for translation: every string with two words in it, and every one
with letters that goes straight into a function that draws or says it. Prints them; names that are no words are in KNOWN."""
import glob
import re
import subprocess

# Nothing in these files is read on the screen: pictures, test scripts, manuals and completions (English like the records).
LEFT_OUT = ("canvas_svg.c", "script.c", "manual.c", "manual_man.c", "manual_record.c", "manual_shell.c", "lockstep-manual.c")
KNOWN = {"en zh", "default light dark safe mono", "default, light, dark, safe, mono", "LESSON FILE -o PROGRAM", "(a line of more than 1 MiB)",
	 "Lockstep", "lockstep-doctor", "Enter ", "%s --explain", "default light dark mono", "default, light, dark or mono",
	 "fatal error: ", "undefined reference", "lockstep --present"}
DRAWS = r"\b(?:canvas_text|canvas_printf|canvas_box|rich_words|rich_part|rich_markdown|app_say|app_ask|draw_cut|draw_right|" \
	r"draw_wrapped|draw_nothing|pager_add|pager_draw|sentences_add|chart_label|field_open)\("
STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
CONVERSION = re.compile(r"%[-+ #0-9.*$]*(?:hh|h|ll|l|z|j|t)?[a-zA-Z%]")


def texts(arguments, files):
	"""What xgettext finds: {text: place}."""
	out = subprocess.run(["xgettext", "-L", "C", "--from-code=UTF-8", "-o", "-", *arguments, *files], capture_output=True,
			     text=True, check=True).stdout
	found = {}
	for block in out.split("\n\n"):
		place = re.search(r"^#: (\S+)", block, re.M)
		for kind in ("msgid", "msgid_plural"):
			m = re.search(rf'^{kind} ((?:".*"\n?)+)', block, re.M)
			if m and place:
				found["".join(STRING.findall(m.group(1)))] = place.group(1)
	return found


def harmless(text):
	"""A command to be typed, a key, a name of ours, or nothing but figures and signs."""
	return text.startswith(("$ lockstep", "lockstep notes")) or text in KNOWN


def call(source, start):
	"""The arguments of the call that opens before start."""
	depth, i = 1, start
	while depth and i < len(source):
		string = STRING.match(source, i)
		if string:
			i = string.end()
			continue
		depth += {"(": 1, ")": -1}.get(source[i], 0)
		i += 1
	return source[start:i]


def main():
	files = sorted(f for f in glob.glob("tui/*.c") if f.split("/")[1] not in LEFT_OUT)
	marked = texts(["-k", "-k_", "-kN_", "-kngettext:1,2"], files)
	for text, place in texts(["-a"], files).items():
		words = CONVERSION.sub(" ", text)
		if text not in marked and not harmless(text) and re.search(r"[A-Za-z]{2,} +[A-Za-z]{2,}", words):
			print(f"{place}: \"{text}\"")
	for name in files:
		with open(name, encoding="utf-8") as f:
			source = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
		for found in re.finditer(DRAWS, source):
			arguments = call(source, found.end())
			plain = re.sub(r"\b(?:N?_|ngettext|words_of)\((?:[^()\"]|\"(?:[^\"\\]|\\.)*\"|\([^()]*\))*\)", "", arguments)
			plain = re.sub(r"\b(?:strcmp|draw_same|strstr|progress_option)\([^()]*\)", "", plain)
			for text in STRING.findall(plain):
				if text not in marked and not harmless(text) and re.search(r"[A-Za-z]{3}", CONVERSION.sub("", text)):
					print(f"{name}: \"{text}\" in {found.group(0)[:-1]}")


if __name__ == "__main__":
	main()
