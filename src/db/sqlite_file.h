/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* SQLite's database is a file, which can be taken away. A connection goes on
 * reading and writing the file it has opened, wherever that is now, and what it
 * writes to a deleted one is lost; and a new connection makes an empty file
 * where there is none. So whoever has a connection asks first. */
#ifndef CP_SQLITE_FILE_H
#define CP_SQLITE_FILE_H

#include "db/db.h"

/* Is there a file, whatever is in it? */
int cp_sqlite_file_exists(const char *path, apr_pool_t *p);

/* Has the file of this connection been moved, replaced or deleted since it was
 * opened (SQLITE_FCNTL_HAS_MOVED)? */
int cp_sqlite_file_has_moved(const cp_db_connection_t *connection);

/* Close the connection and open the file that is there now, in its place;
 * false: that failed, and it is as it was. Its statements are prepared anew on
 * their next use; those of other modules would be lost, so it is not done while
 * there are any. */
int cp_sqlite_file_reopen(cp_db_connection_t *connection, const char *path);

#endif
