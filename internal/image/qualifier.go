package image

import (
	"slices"
	"strings"
)

// qualifiers are the limits that a property's qualifiers set (DSP0243 9.5.1 and VMware's own).
type qualifiers struct {
	minLen, maxLen     string // digits, or empty
	minValue, maxValue string // numbers, or empty
	choices            []string
	// isIP tells of Ip, and ipNetwork names the network of Ip("network").
	isIP      bool
	ipNetwork string
	// expression is the default of a property that vSphere computes, such as ${net:Mgmt}.
	expression string
}

// expressions are the qualifiers of properties that vSphere computes from the network a
// machine is connected to.
var expressions = []string{
	"AutoIp", "VimIp", "Net", "Netmask", "Gateway", "DomainName", "HostPrefix", "Dns", "Subnet", "SearchPath", "HttpProxy",
}

// parseQualifiers reads a list of qualifiers such as MinLen(1), MaxLen(8), ValueMap{"a", "b"}.
// What it does not know it skips: a qualifier may come from a newer schema. Names count as
// qualifiers only outside of arguments, so that Ip("Mgmt Net") is an Ip.
func parseQualifiers(text string) qualifiers {
	var q qualifiers
	scanner := qualifierScanner{rest: text}
	for {
		name, arguments, ok := scanner.next()
		if !ok {
			return q
		}
		var first string
		if len(arguments) > 0 {
			first = arguments[0]
		}
		switch name {
		case "MinLen":
			q.minLen = first
		case "MaxLen":
			q.maxLen = first
		case "MinValue":
			q.minValue = first
		case "MaxValue":
			q.maxValue = first
		case "ValueMap":
			q.choices = arguments
		case "Ip":
			q.isIP, q.ipNetwork = true, first
		default:
			if q.expression == "" && slices.Contains(expressions, name) {
				q.expression = "${" + strings.ToLower(name[:1]) + name[1:] + ":" + first + "}"
			}
		}
	}
}

// qualifierScanner takes a list of qualifiers apart. It knows no errors: at worst it ends early.
type qualifierScanner struct{ rest string }

// next returns a qualifier's name and arguments.
func (s *qualifierScanner) next() (name string, arguments []string, ok bool) {
	start := strings.IndexFunc(s.rest, isWord)
	if start < 0 {
		return "", nil, false
	}
	s.rest = s.rest[start:]
	name = s.takeWhile(isWord)
	s.takeWhile(isBlank)
	if !strings.HasPrefix(s.rest, "(") && !strings.HasPrefix(s.rest, "{") {
		return name, nil, true
	}
	s.rest = s.rest[1:]
	return name, s.arguments(), true
}

// arguments reads up to the closing bracket: quoted texts or bare words, between commas.
func (s *qualifierScanner) arguments() []string {
	var arguments []string
	for {
		s.takeWhile(func(r rune) bool { return isBlank(r) || r == ',' })
		switch {
		case s.rest == "":
			return arguments
		case s.rest[0] == ')' || s.rest[0] == '}':
			s.rest = s.rest[1:]
			return arguments
		case s.rest[0] == '"' || s.rest[0] == '\'':
			arguments = append(arguments, s.quoted())
		default:
			word := s.takeWhile(func(r rune) bool { return !strings.ContainsRune(",)}", r) })
			arguments = append(arguments, strings.TrimSpace(word))
		}
	}
}

// quoted reads a text in quotes, in which a backslash escapes.
func (s *qualifierScanner) quoted() string {
	quote := s.rest[0]
	var text strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == quote:
			s.rest = s.rest[i+1:]
			return text.String()
		case c == '\\' && i+1 < len(s.rest):
			i++
			text.WriteByte(s.rest[i])
		default:
			text.WriteByte(c)
		}
	}
	s.rest = ""
	return text.String()
}

func (s *qualifierScanner) takeWhile(accept func(rune) bool) string {
	end := strings.IndexFunc(s.rest, func(r rune) bool { return !accept(r) })
	if end < 0 {
		end = len(s.rest)
	}
	taken := s.rest[:end]
	s.rest = s.rest[end:]
	return taken
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

func isWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}
