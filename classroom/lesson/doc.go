// Package lesson computes what the steps of the classroom's page show: a lesson of ninety minutes in a browser. It runs
// tasks, replay, mpn and drqn as they are and returns data and charts; the page draws them and forwards what its reader
// does.
//
// A Room answers requests by name, with JSON in both directions. Requests that train do so for a slice of time, so that
// the page may stop them at once: it asks for the next slice, or does not.
package lesson
