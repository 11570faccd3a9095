//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// guest is what somebody at the console of a machine would see, as far as the demo shows it.
type guest struct {
	Name       string   `json:"name"`
	HostName   string   `json:"host_name"`
	Domain     string   `json:"domain"`
	Problems   []string `json:"problems"`
	Interfaces []struct {
		Name      string `json:"name"`
		MAC       string `json:"mac"`
		Network   string `json:"network"`
		Addresses []struct {
			Address string `json:"address"`
			Origin  string `json:"origin"`
		} `json:"addresses"`
		Gateways []string `json:"gateways"`
		Routes   []struct {
			To     string `json:"to"`
			Via    string `json:"via"`
			Metric int    `json:"metric"`
		} `json:"routes"`
		Nameservers   []string `json:"nameservers"`
		SearchDomains []string `json:"search_domains"`
		MTU           int      `json:"mtu"`
	} `json:"interfaces"`
}

// machines lists the names of all machines in the simulator.
func (s *simulator) machines(ctx context.Context) ([]string, error) {
	var names []string
	return names, s.admin(ctx, http.MethodGet, "/machines", nil, &names)
}

// guest looks at a machine from inside, when it has booted.
func (s *simulator) guest(ctx context.Context, name string) (guest, error) {
	var g guest
	if err := s.settle(ctx); err != nil {
		return g, err
	}
	return g, s.admin(ctx, http.MethodGet, "/guests/"+url.PathEscape(name), nil, &g)
}

// restart turns a machine off and on and waits for its guest.
func (s *simulator) restart(ctx context.Context, name string) error {
	for _, on := range []bool{false, true} {
		if err := s.admin(ctx, http.MethodPost, "/power", map[string]any{"name": name, "on": on}, nil); err != nil {
			return err
		}
	}
	return s.settle(ctx)
}

// settle waits until every guest that is booting has come up.
func (s *simulator) settle(ctx context.Context) error {
	return s.admin(ctx, http.MethodPost, "/settle", map[string]any{}, nil)
}

// admin calls the simulator's own interface, which is not vCenter's.
func (s *simulator) admin(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader = http.NoBody
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("asking the simulator: %w", err)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+s.Admin+path, body)
	if err != nil {
		return fmt.Errorf("asking the simulator: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the simulator: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("reading from the simulator: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the simulator answers %s to %s %s: %s", response.Status, method, path, answer)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("reading the simulator's answer to %s %s: %w", method, path, err)
	}
	return nil
}

// guest prints what a guest reports, one card to a paragraph.
func (p *printer) guest(g guest) {
	name := g.HostName
	if g.Domain != "" {
		name += "." + g.Domain
	}
	p.line("%s calls itself %s", p.bold(g.Name), name)
	for _, problem := range g.Problems {
		p.line("  problem: %s", problem)
	}
	for _, card := range g.Interfaces {
		var addresses, routes []string
		for _, a := range card.Addresses {
			addresses = append(addresses, fmt.Sprintf("%s (%s)", a.Address, a.Origin))
		}
		for _, r := range card.Routes {
			route := r.To + " via " + r.Via
			if r.Metric != 0 {
				route += fmt.Sprintf(" metric %d", r.Metric)
			}
			routes = append(routes, route)
		}
		p.line("  %-8s %s on %q, MTU %d", card.Name, card.MAC, card.Network, card.MTU)
		for _, row := range []struct {
			what   string
			values []string
		}{
			{"addresses", addresses},
			{"gateways", card.Gateways},
			{"routes", routes},
			{"DNS", card.Nameservers},
			{"search", card.SearchDomains},
		} {
			if len(row.values) > 0 {
				p.line("           %-10s %s", row.what, strings.Join(row.values, ", "))
			}
		}
	}
}

// usesRoute reports whether a card of the guest sends traffic by the gateway.
func (g guest) usesRoute(via string) bool {
	for _, card := range g.Interfaces {
		for _, r := range card.Routes {
			if r.Via == via {
				return true
			}
		}
	}
	return false
}
