package virtualmachine

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"sigs.k8s.io/yaml"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

const (
	bootstrapGuide = "../../../docs/guides/bootstrap.md"
	// guideAPI takes everything, and olderAPI not what the guide says is of vSphere 9.1.
	guideAPI, olderAPI = "9.1.0.0", "9.0.0.0"
)

var codeSpan = regexp.MustCompile("`([^`]*)`")

// guideTable reads the cells of the guide's table, by row and then by provider.
func guideTable(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile(bootstrapGuide)
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]map[string]string{}
	var columns []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		switch {
		case !strings.HasPrefix(line, "| "):
		case columns == nil:
			for _, cell := range cells[1:] {
				columns = append(columns, strings.Trim(cell, " `"))
			}
		default:
			row := map[string]string{}
			for i, cell := range cells[1:] {
				row[columns[i]] = strings.TrimSpace(cell)
			}
			table[strings.TrimSpace(cells[0])] = row
		}
	}
	return table
}

// toldText is a text in what a guest gets, with the names that lead to it.
type toldText struct {
	names, text string
}

// guest is a machine whose bootstrap is rendered.
type guest struct {
	spec     network.Spec
	boot     bootstrap
	config   network.Config
	problems []network.Problem
}

// guestOf decodes, judges and resolves a machine.
func guestOf(t *testing.T, provider string, written, settings writtenBlock, defaults network.Defaults) guest {
	t.Helper()
	networkType, bootstrapType := networkBlock().Type(), bootstrapBlock().Type()
	m := model{
		Name:      types.StringValue("web"),
		Network:   objectOf(t, networkType, blockOf(networkType.TerraformType(t.Context()), written)),
		Bootstrap: objectOf(t, bootstrapType, blockOf(bootstrapType.TerraformType(t.Context()), writtenBlock{provider: settings})),
	}
	spec, diags := m.networkSpec(t.Context())
	boot, more := m.bootstrap(t.Context(), &m)
	if diags.HasError() || more.HasError() {
		t.Fatal(diags, more)
	}
	return guest{
		spec: spec, boot: boot, config: network.Resolve(spec, boot.Bootstrap, defaults),
		problems: append(boot.judge(spec), network.Review(spec, boot.Bootstrap, defaults)...),
	}
}

// delivered is everything that the guest is told, in the form of its bootstrap provider.
func (g *guest) delivered(t *testing.T) []toldText {
	t.Helper()
	to := addressee{apiVersion: guideAPI, instanceID: known.Of("id"), vm: vapp.VM{Name: known.Of("web"), Network: g.spec}}
	for i, nic := range g.spec.EffectiveInterfaces().Or(nil) {
		mac := network.MAC(nic.MACAddr.Or(fmt.Sprintf("00:50:56:00:00:%02x", i)))
		to.cards = append(to.cards, gosc.Card{Interface: nic.Name.Or(""), MAC: mac})
	}
	out, err := g.boot.deliver(g.config, &to)
	if err != nil {
		t.Fatal(err)
	}
	var texts []toldText
	if g.boot.sends() {
		for _, document := range []string{out.documents.metadata, out.documents.userData} {
			var tree any
			if err := yaml.Unmarshal([]byte(document), &tree); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, yamlTexts("", tree)...)
		}
	}
	if out.customization != nil {
		document, err := gosc.Canonical(*out.customization)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, xmlTexts(t, document)...)
	}
	for _, property := range out.properties {
		texts = append(texts, toldText{" " + property.Key + " ", strings.ReplaceAll(property.Text, "-", ":")})
	}
	return texts
}

func yamlTexts(names string, tree any) []toldText {
	var out []toldText
	switch node := tree.(type) {
	case map[string]any:
		for name, inner := range node {
			out = append(out, yamlTexts(names+" "+name+" ", inner)...)
		}
	case []any:
		for _, inner := range node {
			out = append(out, yamlTexts(names, inner)...)
		}
	default:
		out = append(out, toldText{names, fmt.Sprint(node)})
	}
	return out
}

// xmlTexts lists the elements of a document that have none inside. The type of an element counts
// as a name, too.
func xmlTexts(t *testing.T, document string) []toldText {
	t.Helper()
	var out []toldText
	var names []string
	inner, text := false, ""
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			for _, attribute := range e.Attr {
				if attribute.Name.Local == "type" {
					name += "  " + attribute.Value
				}
			}
			names, inner, text = append(names, name), false, ""
		case xml.CharData:
			text += string(e)
		case xml.EndElement:
			if !inner {
				out = append(out, toldText{" " + strings.Join(names, "  ") + " ", strings.TrimSpace(text)})
			}
			names, inner = names[:len(names)-1], true
		}
	}
}

// argumentsOf are the names of all arguments of a block and of the blocks in it, with their paths.
func argumentsOf(at string, block schema.Block) map[string]bool {
	attributes, blocks := map[string]schema.Attribute{}, map[string]schema.Block{}
	switch b := block.(type) {
	case schema.SingleNestedBlock:
		attributes, blocks = b.Attributes, b.Blocks
	case schema.ListNestedBlock:
		attributes, blocks = b.NestedObject.Attributes, b.NestedObject.Blocks
	}
	out := map[string]bool{}
	for name := range attributes {
		out[at+name] = true
	}
	for name, inner := range blocks {
		out[at+name] = true
		maps.Copy(out, argumentsOf(at+name+".", inner))
	}
	return out
}

// The guide says for each provider what it carries, where, and what is refused. This is what
// becomes of it in the code.
func TestTheGuideSaysWhatABootstrapProviderCarries(t *testing.T) {
	t.Parallel()
	table := guideTable(t)
	rows := guideRows()
	for name := range table {
		if _, ok := rows[name]; !ok && name != changeRow {
			t.Errorf("nothing tests the row %q", name)
		}
	}
	for name, row := range rows {
		cells := table[name]
		if len(cells) != 4 {
			t.Errorf("the guide has no row %q", name)
		}
		for provider, cell := range cells {
			t.Run(name+"/"+provider, func(t *testing.T) {
				t.Parallel()
				row.try(t, provider, cell)
			})
		}
	}
}

// try holds one cell of the guide against the code.
func (r guideRow) try(t *testing.T, provider, cell string) {
	span := ""
	if match := codeSpan.FindStringSubmatch(cell); match != nil {
		span = match[1]
	}
	settings, has := r.settings[provider]
	if r.network == nil && !has {
		r.tryArguments(t, provider, cell, span)
		return
	}
	bare := bareSettings(span)[provider]
	if settings == nil {
		settings = bare
	}
	written, without := r.network, r.without
	if without == nil {
		without = staticNetwork()
	}
	if written == nil {
		written = without
	}
	with := guestOf(t, provider, written, settings, r.defaults)
	refused := slices.ContainsFunc(with.problems, func(p network.Problem) bool { return p.Severity == network.Error })
	mark := []rune(cell)[0]
	switch {
	case mark == '✗':
		if !refused {
			t.Errorf("%q: it is not refused", cell)
		}
		return
	case refused, (mark == '⚠') != (len(with.problems) > 0):
		t.Fatalf("%q: %+v", cell, with.problems)
	case mark == '⚠':
		return
	}
	gains, from := with.delivered(t), []toldText(nil)
	if before := guestOf(t, provider, without, bare, r.defaults); r.removes {
		gains, from = before.delivered(t), gains
		if !strings.HasPrefix(cell, "✓ no ") {
			t.Errorf("%q: the guest is told less", cell)
		}
	} else if provider != "vapp_config" { // whose template asks for what the row is about
		from = before.delivered(t)
	}
	witness := r.witness
	if other, ok := r.witnesses[provider]; ok {
		witness = other
	}
	if provider == "vapp_config" {
		span = "p"
	}
	found := slices.ContainsFunc(gains, func(text toldText) bool {
		return !slices.Contains(from, text) && strings.Contains(text.text, witness) && (mark != '✓' || strings.Contains(text.names, " "+span+" "))
	})
	if found != (mark == '✓') {
		t.Errorf("%q: found %v\nthe guest is told %v\nand without it %v", cell, found, gains, from)
	}
	if custom := with.customizing(); custom != nil && mark == '✓' {
		older := gosc.CheckAPI(custom, with.config, olderAPI)
		if strings.Contains(cell, "(vSphere 9.1)") != (len(older) > 0) {
			t.Errorf("%q: of vSphere %s: %+v", cell, olderAPI, older)
		}
	}
}

// tryArguments holds a cell against the arguments that the provider has.
func (r guideRow) tryArguments(t *testing.T, provider, cell, span string) {
	arguments := argumentsOf("", bootstrapBlock().(schema.SingleNestedBlock).Blocks[provider])
	if r.argument {
		if !arguments[span] || !strings.HasPrefix(cell, "✓") {
			t.Errorf("%q: there is no argument %s", cell, span)
		}
		return
	}
	for argument := range arguments {
		if r.words.MatchString(argument) {
			t.Errorf("%q: there is %s", cell, argument)
		}
	}
	if !strings.HasPrefix(cell, "–") {
		t.Errorf("%q: nothing in %s does that", cell, provider)
	}
}

// customizing are the settings of guest customization, or nil.
func (g *guest) customizing() gosc.Settings {
	if settings, ok := g.boot.linuxPrep.Get(); ok {
		return settings
	}
	if settings, ok := g.boot.sysprep.Get(); ok {
		return settings
	}
	return nil
}

func TestTheGuideSaysWhenAChangeReachesAGuest(t *testing.T) {
	t.Parallel()
	for provider, cell := range guideTable(t)[changeRow] {
		guest := guestOf(t, provider, staticNetwork(), bareSettings("x")[provider], network.Defaults{})
		want := "at once"
		switch {
		case guest.boot.sends():
			want = "when cloud-init next runs"
		case guest.boot.customizes():
			want = "powered off and on"
		}
		if cell != want {
			t.Errorf("%s: %q, want %q", provider, cell, want)
		}
	}
}
