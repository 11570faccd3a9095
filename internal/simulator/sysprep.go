package simulator

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// defaultWorkgroup is what a Windows guest is in that joins nothing.
const defaultWorkgroup = "WORKGROUP"

// windowsPersona makes of a Windows guest what its setup is told.
func windowsPersona(id *types.CustomizationSysprep, vmName string) (hostName, domain string, p persona, err error) {
	gui, join := id.GuiUnattended, id.Identification
	if gui.AutoLogon && gui.Password == nil {
		return "", "", p, errors.New("the Administrator is to be logged on automatically, and has no password")
	}
	hostName = customName(id.UserData.ComputerName, vmName)
	if !validHostName(hostName) || strings.Trim(hostName, "0123456789") == "" {
		return "", "", p, fmt.Errorf("%q is no computer name that Windows takes", hostName)
	}
	p = persona{
		timeZone: strconv.Itoa(int(gui.TimeZone)), workgroup: join.JoinWorkgroup, joined: join.JoinDomain,
		unit: join.DomainOU, script: id.ScriptText, expired: isTrue(id.ResetPassword),
	}
	if gui.Password != nil {
		p.password = gui.Password.Value
	}
	if id.GuiRunOnce != nil {
		p.commands = id.GuiRunOnce.CommandList
	}
	p.settleMembership()
	return computerName(hostName), p.joined, p, nil
}

func computerName(name string) string { return name[:min(len(name), maxComputerName)] }

// settleMembership puts a guest that joins nothing where Windows puts it.
func (p *persona) settleMembership() {
	if p.joined == "" && p.workgroup == "" {
		p.workgroup = defaultWorkgroup
	}
}

// answerFile makes of a Windows guest what an answer file says, by the settings that a test
// can look for: name, membership, time zone, password, commands at the first logon.
func answerFile(text string) (hostName, domain string, p persona, err error) {
	d := xml.NewDecoder(strings.NewReader(text))
	var path []string
	root := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", "", p, fmt.Errorf("the answer file is not XML: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if root == "" {
				root = t.Name.Local
			}
			path = append(path, t.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if value := strings.TrimSpace(string(t)); value != "" && len(path) > 0 {
				p.answer(path, value, &hostName)
			}
		}
	}
	if root != "unattend" {
		return "", "", p, fmt.Errorf("the answer file is a document of %q, not of unattend", root)
	}
	p.settleMembership()
	if hostName == "" || hostName == "*" {
		hostName = "WIN-SIMULATED"
	}
	return computerName(hostName), p.joined, p, nil
}

// answer takes one setting of an answer file.
func (p *persona) answer(path []string, value string, hostName *string) {
	parent := ""
	if len(path) > 1 {
		parent = path[len(path)-2]
	}
	switch name := path[len(path)-1]; {
	case name == "ComputerName":
		*hostName = value
	case name == "JoinDomain":
		p.joined = value
	case name == "JoinWorkgroup":
		p.workgroup = value
	case name == "MachineObjectOU":
		p.unit = value
	case name == "TimeZone":
		p.timeZone = value
	case name == "Value" && parent == "AdministratorPassword":
		p.password = value
	case name == "CommandLine" && parent == "SynchronousCommand":
		p.commands = append(p.commands, value)
	}
}
