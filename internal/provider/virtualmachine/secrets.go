package virtualmachine

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"

	"golang.org/x/crypto/scrypt"
)

// fingerprint identifies a document that was sent to the guest, so that private state can
// tell a changed document without holding it. A document with secrets in it is hashed
// slowly and with a salt, because somebody who gets hold of the state could otherwise try
// passwords against the fingerprint.
type fingerprint struct {
	Salt string `json:"salt,omitempty"`
	Sum  string `json:"sum"`
}

// scrypt's cost: about 50 ms and 16 MiB on a laptop of 2024.
const (
	scryptN = 1 << 14
	scryptR = 8
	scryptP = 1
)

// fingerprintOf hashes a document; secret says that it holds secrets.
func fingerprintOf(document string, secret bool) (fingerprint, error) {
	if !secret {
		sum := sha256.Sum256([]byte(document))
		return fingerprint{Sum: hex.EncodeToString(sum[:])}, nil
	}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return fingerprint{}, fmt.Errorf("no random salt: %w", err)
	}
	return salted(document, salt)
}

func salted(document string, salt []byte) (fingerprint, error) {
	sum, err := scrypt.Key([]byte(document), salt, scryptN, scryptR, scryptP, sha256.Size)
	if err != nil {
		return fingerprint{}, fmt.Errorf("hash a document: %w", err)
	}
	return fingerprint{Salt: hex.EncodeToString(salt), Sum: hex.EncodeToString(sum)}, nil
}

// matches reports whether the fingerprint is that of the document.
func (f fingerprint) matches(document string) bool {
	var other fingerprint
	if f.Salt == "" {
		other, _ = fingerprintOf(document, false)
	} else {
		salt, err := hex.DecodeString(f.Salt)
		if err != nil {
			return false
		}
		if other, err = salted(document, salt); err != nil {
			return false
		}
	}
	return subtle.ConstantTimeCompare([]byte(f.Sum), []byte(other.Sum)) == 1
}
