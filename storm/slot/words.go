package slot

import "strings"

// Words takes apart what `gust submit` has put into Storm's two words, a program and one argument: a
// command of more words, or with an environment. Others stay as they are. So a component is here what
// it is to `gust run`: for the fast runner, a class of streamparse's.
func Words(program, script string) (command []string, environment map[string]string) {
	text, split := strings.CutPrefix(script, "-S")
	if program != "env" || !split {
		return []string{program, script}, nil
	}
	words, ok := envWords(text)
	if !ok {
		return []string{program, script}, nil
	}
	for len(words) > 0 {
		name, value, assigns := strings.Cut(words[0], "=")
		if !assigns {
			break
		}
		if environment == nil {
			environment = map[string]string{}
		}
		environment[name] = value
		words = words[1:]
	}
	if len(words) == 0 {
		return []string{program, script}, nil
	}
	return words, environment
}

// envWords splits a text as `env -S` does. ok is false for what `gust submit` does not write.
func envWords(text string) (words []string, ok bool) {
	for {
		word, rest := text, ""
		if quoted, is := strings.CutPrefix(text, "'"); is {
			if word, rest, ok = quotedWord(quoted); !ok {
				return nil, false
			}
		} else {
			if end := strings.IndexByte(text, ' '); end >= 0 {
				word, rest = text[:end], text[end:]
			}
			if word == "" || strings.ContainsAny(word, `'"\$#`) {
				return nil, false
			}
		}
		words = append(words, word)
		if rest == "" {
			return words, true
		}
		if text, ok = strings.CutPrefix(rest, " "); !ok {
			return nil, false
		}
	}
}

// quotedWord reads a word up to its closing quote.
func quotedWord(text string) (word, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\'':
			return b.String(), text[i+1:], true
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == '\\' || text[i+1] == '\''):
			i++
		}
		b.WriteByte(text[i])
	}
	return "", "", false
}
