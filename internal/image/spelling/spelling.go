// Package spelling measures how far two names are apart, so that a message can offer the name that
// was probably meant.
package spelling

// Distance is the number of characters to insert, delete or replace to make one name of the
// other (Levenshtein). Characters are Unicode code points, and case counts.
func Distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range to {
			replace := diagonal
			if r != s {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(to)]
}
