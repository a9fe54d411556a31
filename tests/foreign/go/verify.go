// Verify checks a tiled log on disk with the packages of Go's checksum database,
// golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog.
//
// Usage: verify DIRECTORY LOG-KEY ENTRY-KEY
//
// The directory holds a checkpoint and its tiles at the paths of c2sp.org/tlog-tiles, and a file
// "proofs" with one proof on each line, made by the other side:
//
//	record INDEX HASH...
//	tree OLD-SIZE OLD-ROOT HASH...
//
// It prints "verified SIZE ROOT" and exits 0, or says what is wrong and exits 1.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// directory reads hash tiles for tlog.TileHashReader.
type directory string

func (d directory) Height() int { return tileHeight }

func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}

func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var contents [][]byte
	for _, tile := range tiles {
		// The checksum database writes the height into the path, C2SP does not.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(d), path))
		if err != nil {
			return nil, err
		}
		contents = append(contents, data)
	}
	return contents, nil
}

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir, logKey, entryKey string) error {
	tree, err := checkpoint(dir, logKey)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	hashes := tlog.TileHashReader(tree, directory(dir))
	if err := entries(dir, entryKey, tree, hashes); err != nil {
		return fmt.Errorf("entries: %w", err)
	}
	if err := prefixes(tree, hashes); err != nil {
		return fmt.Errorf("prefixes: %w", err)
	}
	if err := proofs(dir, tree, hashes); err != nil {
		return fmt.Errorf("proofs: %w", err)
	}
	fmt.Printf("verified %d %s\n", tree.N, tree.Hash)
	return nil
}

// checkpoint opens the signed note and reads its three lines.
func checkpoint(dir, logKey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(logKey)
	if err != nil {
		return tlog.Tree{}, err
	}
	data, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("unexpected text %q", opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// entries opens every entry as a note and proves it to be in the tree, from authenticated tiles.
func entries(dir, entryKey string, tree tlog.Tree, hashes tlog.HashReader) error {
	verifier, err := note.NewVerifier(entryKey)
	if err != nil {
		return err
	}
	index := int64(0)
	for n := int64(0); index < tree.N; n++ {
		width := tree.N - index
		if width > 1<<tileHeight {
			width = 1 << tileHeight
		}
		tile := tlog.Tile{H: tileHeight, L: -1, N: n, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		for ; len(bundle) >= 2; index++ {
			length := int(binary.BigEndian.Uint16(bundle))
			entry := bundle[2 : 2+length]
			bundle = bundle[2+length:]
			if _, err := note.Open(entry, note.VerifierList(verifier)); err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
			proof, err := tlog.ProveRecord(tree.N, index, hashes)
			if err != nil {
				return err
			}
			err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
			if err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
		}
	}
	return nil
}

// prefixes proves sizes on both sides of every tile's edge to be prefixes of the tree.
func prefixes(tree tlog.Tree, hashes tlog.HashReader) error {
	for _, old := range []int64{1, 2, 3, 254, 255, 256, 257, 511, 512, 513, 999, 1000} {
		if old > tree.N {
			break
		}
		root, err := tlog.TreeHash(old, hashes)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(tree.N, old, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old, root); err != nil {
			return fmt.Errorf("size %d: %w", old, err)
		}
	}
	return nil
}

// proofs checks what the other side has written, against leaf hashes from authenticated tiles.
func proofs(dir string, tree tlog.Tree, hashes tlog.HashReader) error {
	data, err := os.ReadFile(filepath.Join(dir, "proofs"))
	if err != nil {
		return err
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if err := proof(strings.Fields(line), tree, hashes); err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
	}
	return nil
}

func proof(fields []string, tree tlog.Tree, hashes tlog.HashReader) error {
	number, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return err
	}
	var values []tlog.Hash
	for _, text := range fields[2:] {
		value, err := tlog.ParseHash(text)
		if err != nil {
			return err
		}
		values = append(values, value)
	}
	if fields[0] == "tree" {
		return tlog.CheckTree(tlog.TreeProof(values[1:]), tree.N, tree.Hash, number, values[0])
	}
	leaves, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, number)})
	if err != nil {
		return err
	}
	return tlog.CheckRecord(tlog.RecordProof(values), tree.N, tree.Hash, number, leaves[0])
}
